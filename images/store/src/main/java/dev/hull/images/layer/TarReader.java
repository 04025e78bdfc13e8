package dev.hull.images.layer;

import dev.hull.images.erofs.Attributes;
import dev.hull.images.erofs.Extent;
import dev.hull.images.erofs.Xattr;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a hostile tar: POSIX (ustar, PAX), GNU (long names, large numbers, sparse files) and the
 * old form. Keeps one entry in memory, within {@link LayerLimits}.
 */
final class TarReader {
  private static final String XATTR = "SCHILY.xattr.";

  /** A layer has no use for attributes that steer the overlay which it will be a part of. */
  private static final String OVERLAY_XATTR = "trusted.overlay.";

  private static final String TYPES_WITHOUT_DATA = "123456";

  private final InputStream in;
  private final LayerLimits limits;
  private final TarData data;
  private long extentsLeft;
  private PaxRecords global = PaxRecords.NONE;

  TarReader(InputStream in, LayerLimits limits) {
    this.in = in;
    this.limits = limits;
    this.data = new TarData(in);
    this.extentsLeft = limits.extents();
  }

  /** The data of the entry that {@link #next} returned last. */
  InputStream data() {
    return data;
  }

  /** The next entry; null at the end, when the stream has been read to its last byte. */
  @Nullable TarEntry next() throws IOException, InvalidLayerException {
    PaxRecords pax = PaxRecords.NONE;
    String longName = "";
    String longLink = "";
    while (true) {
      data.skipRest();
      TarHeader header = readHeader();
      if (header == null) {
        if (pax != PaxRecords.NONE || !longName.isEmpty() || !longLink.isEmpty()) {
          throw new InvalidLayerException("the tar ends between an extended header and its entry");
        }
        in.transferTo(OutputStream.nullOutputStream());
        return null;
      }
      switch (header.type()) {
        case 'x' -> pax = PaxRecords.parse(readExtension(header));
        case 'g' -> global = globalRecords(PaxRecords.parse(readExtension(header)));
        case 'L' -> longName = untilNul(readExtension(header));
        case 'K' -> longLink = untilNul(readExtension(header));
        case 'V' -> data.start(nonNegative(header.size(), "size", header.name()));
        default -> {
          return entry(header, new Names(header, pax, longName, longLink), pax);
        }
      }
    }
  }

  /** Names in the order in which they win: PAX, GNU, header. */
  private record Names(String name, String linkName) {
    Names(TarHeader header, PaxRecords pax, String longName, String longLink) {
      this(
          pick(pax.get("GNU.sparse.name"), pick(pax.get("path"), pick(longName, header.name()))),
          pick(pax.get("linkpath"), pick(longLink, header.linkName())));
    }

    private static String pick(@Nullable String first, String otherwise) {
      return first == null || first.isEmpty() ? otherwise : first;
    }
  }

  private @Nullable TarHeader readHeader() throws IOException, InvalidLayerException {
    byte[] block = in.readNBytes(TarHeader.BLOCK);
    if (block.length == 0) {
      return null; // some writers leave the end mark out; the digest says whether all is here
    }
    if (block.length < TarHeader.BLOCK) {
      throw new InvalidLayerException("the tar ends within a header");
    }
    TarHeader header = new TarHeader(block);
    if (header.isEmpty()) {
      return null;
    }
    if (!header.hasRightChecksum()) {
      throw new InvalidLayerException(
          "the tar has a header with a wrong checksum: " + Shown.name(header.name()));
    }
    return header;
  }

  private byte[] readExtension(TarHeader header) throws IOException, InvalidLayerException {
    long size = header.size();
    if (size < 0 || size > limits.headerBytes()) {
      throw new InvalidLayerException(
          "the tar has an extended header of "
              + size
              + " bytes; at most "
              + limits.headerBytes()
              + " are read");
    }
    data.start(size);
    byte[] bytes = data.readNBytes((int) size);
    if (bytes.length < size) {
      throw new InvalidLayerException("the tar ends within an extended header");
    }
    return bytes;
  }

  private static PaxRecords globalRecords(PaxRecords records) throws InvalidLayerException {
    for (String key : records.all().keySet()) {
      if (key.equals("path")
          || key.equals("linkpath")
          || key.equals("size")
          || key.startsWith("GNU.sparse.")) {
        throw new InvalidLayerException(
            "the tar has a global header with " + Shown.name(key) + ", which fits no two entries");
      }
    }
    return records;
  }

  private TarEntry entry(TarHeader header, Names names, PaxRecords pax)
      throws IOException, InvalidLayerException {
    String name = names.name;
    long stored = nonNegative(decimal(pax, "size", header.size(), name), "size", name);
    if (TYPES_WITHOUT_DATA.indexOf(header.type()) >= 0) {
      stored = 0;
    }
    TarEntry.Type type = type(header, name);
    Sparse sparse = sparse(header, name, pax, stored);
    long size = sparse == null ? stored : sparse.realSize;
    if (size > limits.fileBytes()) {
      throw new InvalidLayerException(
          Shown.name(name)
              + " has "
              + size
              + " bytes; at most "
              + limits.fileBytes()
              + " are taken");
    }
    boolean device = type == TarEntry.Type.CHARACTER_DEVICE || type == TarEntry.Type.BLOCK_DEVICE;
    return new TarEntry(
        name,
        type,
        attributes(header, name, pax),
        size,
        Optional.ofNullable(sparse).map(Sparse::extents),
        names.linkName,
        device ? Math.clamp(header.major(), -1, Integer.MAX_VALUE) : 0,
        device ? Math.clamp(header.minor(), -1, Integer.MAX_VALUE) : 0);
  }

  private static TarEntry.Type type(TarHeader header, String name) throws InvalidLayerException {
    return switch (header.type()) {
      case '0', '\0', '7', 'S' -> name.endsWith("/") ? TarEntry.Type.DIRECTORY : TarEntry.Type.FILE;
      case '1' -> TarEntry.Type.HARD_LINK;
      case '2' -> TarEntry.Type.SYMLINK;
      case '3' -> TarEntry.Type.CHARACTER_DEVICE;
      case '4' -> TarEntry.Type.BLOCK_DEVICE;
      case '5', 'D' -> TarEntry.Type.DIRECTORY;
      case '6' -> TarEntry.Type.FIFO;
      default ->
          throw new InvalidLayerException(
              Shown.name(name)
                  + " is of a kind that layers do not have: "
                  + Shown.name(String.valueOf(header.type())));
    };
  }

  private record Sparse(long realSize, List<Extent> extents) {}

  /** Starts the entry's data, behind the sparse map if there is one. */
  private @Nullable Sparse sparse(TarHeader header, String name, PaxRecords pax, long stored)
      throws IOException, InvalidLayerException {
    SparseMap map = new SparseMap(name, extentsLeft);
    long realSize;
    long dataSize = stored;
    if (header.type() == 'S') {
      realSize = header.gnuRealSize();
      boolean more = map.addGnuHeader(header);
      while (more) {
        byte[] block = in.readNBytes(TarHeader.BLOCK);
        if (block.length < TarHeader.BLOCK) {
          throw new InvalidLayerException("the tar ends within the map of " + Shown.name(name));
        }
        more = map.addGnuExtension(new TarHeader(block));
      }
      data.start(stored);
    } else if ("1".equals(pax.get("GNU.sparse.major"))) {
      realSize = decimal(pax, "GNU.sparse.realsize", -1, name);
      data.start(stored);
      dataSize -= map.readFrom(data, stored);
    } else if (pax.get("GNU.sparse.size") != null) {
      realSize = decimal(pax, "GNU.sparse.size", -1, name);
      String pairs = pax.get("GNU.sparse.map");
      map.addPairs(pairs == null ? pax.sparsePairs() : Arrays.asList(pairs.split(",", -1)));
      data.start(stored);
    } else {
      data.start(stored);
      return null;
    }
    List<Extent> extents = map.checked(nonNegative(realSize, "size", name), dataSize);
    extentsLeft -= extents.size();
    return new Sparse(realSize, extents);
  }

  private Attributes attributes(TarHeader header, String name, PaxRecords pax)
      throws InvalidLayerException {
    PaxTime mtime = PaxTime.of(pick(pax, "mtime"), header.mtime(), name);
    return new Attributes(
        (int) header.mode() & 07777,
        owner(decimal(pax, "uid", decimal(global, "uid", header.uid(), name), name), name),
        owner(decimal(pax, "gid", decimal(global, "gid", header.gid(), name), name), name),
        mtime.seconds(),
        mtime.nanos(),
        xattrs(name, pax));
  }

  private @Nullable String pick(PaxRecords pax, String key) {
    String own = pax.get(key);
    return own == null ? global.get(key) : own;
  }

  private static List<Xattr> xattrs(String name, PaxRecords pax) throws InvalidLayerException {
    Map<String, Xattr> xattrs = new TreeMap<>();
    for (Map.Entry<String, String> record : pax.all().entrySet()) {
      if (!record.getKey().startsWith(XATTR)) {
        continue;
      }
      String key = record.getKey().substring(XATTR.length());
      if (!Xattr.hasKnownPrefix(key) || key.startsWith(OVERLAY_XATTR)) {
        continue;
      }
      if (key.length() > Xattr.MAX_NAME || record.getValue().length() > Xattr.MAX_VALUE) {
        throw new InvalidLayerException(
            Shown.name(name) + " has an extended attribute that is too long: " + Shown.name(key));
      }
      xattrs.put(key, new Xattr(key, record.getValue()));
    }
    List<Xattr> sorted = new ArrayList<>(xattrs.values());
    if (Attributes.xattrBytes(sorted) > Attributes.MAX_XATTR_BYTES) {
      throw new InvalidLayerException(Shown.name(name) + " has too many extended attributes");
    }
    return sorted;
  }

  private static int owner(long id, String name) throws InvalidLayerException {
    if (id < 0 || id > 0xffff_ffffL) {
      throw new InvalidLayerException(
          Shown.name(name) + " belongs to a user or group that Linux cannot have: " + id);
    }
    return (int) id;
  }

  private static long decimal(PaxRecords pax, String key, long otherwise, String name)
      throws InvalidLayerException {
    String text = pax.get(key);
    if (text == null) {
      return otherwise;
    }
    if (text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new InvalidLayerException(Shown.name(name) + " has no number for its " + key);
    }
    return Long.parseLong(text);
  }

  private static long nonNegative(long value, String field, String name)
      throws InvalidLayerException {
    if (value < 0) {
      throw new InvalidLayerException(Shown.name(name) + " has a negative " + field);
    }
    return value;
  }

  private static String untilNul(byte[] bytes) {
    return new TarHeader(bytes).string(0, bytes.length);
  }
}
