package dev.hull.images.layer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The records of a PAX header: {@code LENGTH KEY=VALUE\n}, keys and values as byte strings. (The
 * library's reader decodes values as UTF-8, which spoils capabilities and ACLs.)
 */
final class PaxRecords {
  static final PaxRecords NONE = new PaxRecords();

  private static final String SPARSE_OFFSET = "GNU.sparse.offset";
  private static final String SPARSE_LENGTH = "GNU.sparse.numbytes";

  private final Map<String, String> values = new HashMap<>();

  /**
   * Offsets and lengths of the oldest PAX form of sparse files, where keys come again and again.
   */
  private final List<String> sparsePairs = new ArrayList<>();

  static PaxRecords parse(byte[] bytes) throws InvalidLayerException {
    PaxRecords records = new PaxRecords();
    int at = 0;
    while (at < bytes.length) {
      if (bytes[at] == 0) {
        break; // padding that some writers count in
      }
      int space = at;
      int length = 0;
      while (space < bytes.length && bytes[space] >= '0' && bytes[space] <= '9') {
        length = Math.min(length * 10 + bytes[space++] - '0', bytes.length + 1);
      }
      int end = at + length;
      if (space == at
          || space >= bytes.length
          || bytes[space] != ' '
          || end > bytes.length
          || end <= space + 1
          || bytes[end - 1] != '\n') {
        throw new InvalidLayerException("a PAX header of the tar has a record of a wrong length");
      }
      records.add(new String(bytes, space + 1, end - space - 2, StandardCharsets.ISO_8859_1));
      at = end;
    }
    return records;
  }

  private void add(String record) throws InvalidLayerException {
    int equals = record.indexOf('=');
    if (equals <= 0) {
      throw new InvalidLayerException("a PAX header of the tar has a record without a key");
    }
    String key = record.substring(0, equals);
    String value = record.substring(equals + 1);
    if (key.equals(SPARSE_OFFSET) || key.equals(SPARSE_LENGTH)) {
      if (key.equals(SPARSE_OFFSET) != (sparsePairs.size() % 2 == 0)) {
        throw new InvalidLayerException("a PAX header of the tar has a broken sparse map");
      }
      sparsePairs.add(value);
    } else {
      values.put(key, value);
    }
  }

  /** An empty value takes a record back, except in extended attributes. */
  @Nullable String get(String key) {
    String value = values.get(key);
    return value == null || value.isEmpty() ? null : value;
  }

  Map<String, String> all() {
    return values;
  }

  List<String> sparsePairs() {
    return sparsePairs;
  }
}
