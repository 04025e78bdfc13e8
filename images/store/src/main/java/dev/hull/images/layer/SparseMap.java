package dev.hull.images.layer;

import dev.hull.images.erofs.Extent;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Collects the extents of a sparse file, whatever form they are written in. */
final class SparseMap {
  private static final int GNU_IN_HEADER = 386;
  private static final int GNU_IN_HEADER_COUNT = 4;
  private static final int GNU_IN_EXTENSION_COUNT = 21;

  private final String name;
  private final long limit;
  private final List<Extent> extents = new ArrayList<>();

  SparseMap(String name, long limit) {
    this.name = name;
    this.limit = limit;
  }

  /** What a GNU header has room for; more stands in blocks behind it. */
  boolean addGnuHeader(TarHeader header) throws InvalidLayerException {
    addGnu(header, GNU_IN_HEADER, GNU_IN_HEADER_COUNT);
    return !header.isZero(482);
  }

  boolean addGnuExtension(TarHeader extension) throws InvalidLayerException {
    addGnu(extension, 0, GNU_IN_EXTENSION_COUNT);
    return !extension.isZero(504);
  }

  private void addGnu(TarHeader header, int offset, int count) throws InvalidLayerException {
    for (int i = 0; i < count; i++) {
      int at = offset + 24 * i;
      if (header.isZero(at) && header.isZero(at + 12)) {
        return;
      }
      add(header.number(at, 12, "sparse map"), header.number(at + 12, 12, "sparse map"));
    }
  }

  /** Offsets and lengths by turns. */
  void addPairs(List<String> numbers) throws InvalidLayerException {
    if (numbers.size() % 2 != 0) {
      throw broken();
    }
    for (int i = 0; i < numbers.size(); i += 2) {
      add(decimal(numbers.get(i)), decimal(numbers.get(i + 1)));
    }
  }

  /**
   * The newest form: lines of decimal numbers before the data; returns how many bytes were read.
   */
  long readFrom(InputStream data, long available) throws IOException, InvalidLayerException {
    Lines lines = new Lines(data, available);
    long count = lines.next();
    if (count > limit) {
      throw tooMany();
    }
    for (long i = 0; i < count; i++) {
      add(lines.next(), lines.next());
    }
    return lines.read;
  }

  /** The extents, if they are ascending, within the file, and as long as the data. */
  List<Extent> checked(long realSize, long dataSize) throws InvalidLayerException {
    long end = 0;
    long sum = 0;
    for (Extent extent : extents) {
      if (extent.offset() < end || extent.end() > realSize) {
        throw broken();
      }
      end = extent.end();
      sum += extent.length();
    }
    if (sum != dataSize) {
      throw broken();
    }
    return List.copyOf(extents);
  }

  private void add(long offset, long length) throws InvalidLayerException {
    if (offset < 0 || length < 0 || Long.MAX_VALUE - offset < length) {
      throw broken();
    }
    if (extents.size() >= limit) {
      throw tooMany();
    }
    if (length > 0) {
      extents.add(new Extent(offset, length));
    }
  }

  private long decimal(String text) throws InvalidLayerException {
    if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw broken();
    }
    return Long.parseLong(text);
  }

  private InvalidLayerException broken() {
    return new InvalidLayerException(
        "the sparse file " + Shown.name(name) + " has a map that does not fit it");
  }

  private InvalidLayerException tooMany() {
    return new InvalidLayerException(
        "the sparse file "
            + Shown.name(name)
            + " has too many parts: only "
            + limit
            + " more may be in the layer");
  }

  /** Reads whole tar blocks, and numbers from them. */
  private final class Lines {
    private final InputStream data;
    private final long available;
    private byte[] block = new byte[0];
    private int at;
    private long read;

    Lines(InputStream data, long available) {
      this.data = data;
      this.available = available;
    }

    long next() throws IOException, InvalidLayerException {
      StringBuilder digits = new StringBuilder();
      for (int c = nextByte(); c != '\n'; c = nextByte()) {
        digits.append((char) c);
        if (digits.length() > 18) {
          throw broken();
        }
      }
      return decimal(digits.toString());
    }

    private int nextByte() throws IOException, InvalidLayerException {
      if (at == block.length) {
        if (available - read < TarHeader.BLOCK) {
          throw broken();
        }
        block = data.readNBytes(TarHeader.BLOCK);
        if (block.length < TarHeader.BLOCK) {
          throw broken();
        }
        read += TarHeader.BLOCK;
        at = 0;
      }
      return block[at++] & 0xff;
    }
  }
}
