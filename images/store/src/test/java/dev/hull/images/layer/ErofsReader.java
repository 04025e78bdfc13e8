package dev.hull.images.layer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads EROFS images by the format's description, knowing nothing of the code that writes them; it
 * shows what erofs-utils does not: extended attributes, holes, inode numbers.
 */
final class ErofsReader implements AutoCloseable {
  private static final String[] PREFIXES = {
    "", "user.", "system.posix_acl_access", "system.posix_acl_default", "trusted.", "", "security."
  };

  /** A file; {@code blocks} are addresses, -1 in holes, for each block of 4096 bytes. */
  record File(
      long nid,
      int mode,
      int uid,
      int gid,
      long size,
      long mtime,
      int nanos,
      int links,
      int device,
      Map<String, String> xattrs) {
    int type() {
      return mode & 0170000;
    }
  }

  private final FileChannel channel;
  private final long metadata;
  private final int rootNid;

  ErofsReader(Path image) throws IOException {
    channel = FileChannel.open(image, StandardOpenOption.READ);
    ByteBuffer superblock = read(1024, 128);
    if (superblock.getInt(0) != 0xE0F5E1E2 || superblock.get(12) != 12) {
      throw new IOException("not an EROFS image with blocks of 4096 bytes: " + image);
    }
    rootNid = superblock.getShort(14) & 0xffff;
    metadata = (superblock.getInt(40) & 0xffff_ffffL) * 4096;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** All files by path ("" is the root), names as byte strings. */
  Map<String, File> walk() throws IOException {
    Map<String, File> files = new TreeMap<>();
    walk("", rootNid, files);
    return files;
  }

  File find(String path) throws IOException {
    File file = walk().get(path);
    if (file == null) {
      throw new IOException(path + " is not in the image");
    }
    return file;
  }

  private void walk(String path, long nid, Map<String, File> files) throws IOException {
    File file = inode(nid);
    files.put(path, file);
    if (file.type() != 0040000) {
      return;
    }
    String last = "";
    for (Map.Entry<String, Long> entry : entries(file)) {
      String name = entry.getKey();
      if (name.compareTo(last) <= 0) {
        throw new IOException("entries are not in order in " + path);
      }
      last = name;
      if (!name.equals(".") && !name.equals("..")) {
        walk(path.isEmpty() ? name : path + "/" + name, entry.getValue(), files);
      }
    }
  }

  private List<Map.Entry<String, Long>> entries(File directory) throws IOException {
    List<Map.Entry<String, Long>> entries = new ArrayList<>();
    for (long at = 0; at < directory.size; at += 4096) {
      int length = (int) Math.min(4096, directory.size - at);
      ByteBuffer block = little(data(directory, at, length));
      int count = (block.getShort(8) & 0xffff) / 12;
      for (int i = 0; i < count; i++) {
        int start = block.getShort(12 * i + 8) & 0xffff;
        int end = i + 1 < count ? block.getShort(12 * i + 20) & 0xffff : length;
        String name = string(block, start, end - start).replaceAll("\0+$", "");
        entries.add(Map.entry(name, block.getLong(12 * i)));
      }
    }
    return entries;
  }

  private File inode(long nid) throws IOException {
    ByteBuffer b = read(metadata + nid * 32, 64);
    return new File(
        nid,
        b.getShort(4) & 0xffff,
        b.getInt(24),
        b.getInt(28),
        b.getLong(8),
        b.getLong(32),
        b.getInt(40),
        b.getInt(44),
        b.getInt(16),
        xattrs(nid, b.getShort(2) & 0xffff));
  }

  private Map<String, String> xattrs(long nid, int count) throws IOException {
    Map<String, String> xattrs = new TreeMap<>();
    int size = xattrSize(count);
    ByteBuffer b = read(metadata + nid * 32 + 64, size);
    int at = 12;
    while (at < size) {
      int nameLength = b.get(at) & 0xff;
      int valueLength = b.getShort(at + 2) & 0xffff;
      String name = string(b, at + 4, nameLength);
      xattrs.put(PREFIXES[b.get(at + 1)] + name, string(b, at + 4 + nameLength, valueLength));
      at = (at + 4 + nameLength + valueLength + 3) & ~3;
    }
    return xattrs;
  }

  private static int xattrSize(int count) {
    return count == 0 ? 0 : 12 + 4 * (count - 1);
  }

  /** Whether each block of the file has data; the others are holes. */
  boolean[] mapped(File file) throws IOException {
    boolean[] mapped = new boolean[(int) ((file.size + 4095) / 4096)];
    for (int i = 0; i < mapped.length; i++) {
      mapped[i] = address(file, i * 4096L) >= 0;
    }
    return mapped;
  }

  byte[] content(File file) throws IOException {
    return data(file, 0, (int) file.size);
  }

  byte[] data(File file, long offset, int length) throws IOException {
    ByteBuffer result = ByteBuffer.allocate(length);
    while (result.hasRemaining()) {
      long at = offset + result.position();
      int step = (int) Math.min(result.remaining(), 4096 - at % 4096);
      long address = address(file, at);
      result.put(address < 0 ? new byte[step] : read(address, step).array());
    }
    return result.array();
  }

  private long address(File file, long offset) throws IOException {
    ByteBuffer b = read(metadata + file.nid * 32, 64);
    int layout = b.getShort(0) >> 1;
    long behind = metadata + file.nid * 32 + 64 + xattrSize(b.getShort(2) & 0xffff);
    long first = b.getInt(16) & 0xffff_ffffL;
    return switch (layout) {
      case 0 -> first * 4096 + offset;
      case 2 -> {
        long whole = file.size / 4096 * 4096;
        if (offset < whole) {
          yield first * 4096 + offset;
        }
        if (behind / 4096 != (behind + file.size - whole - 1) / 4096) {
          throw new IOException("data beside an inode crosses the end of a block");
        }
        yield behind + offset - whole;
      }
      case 4 -> {
        int shift = 12 + (int) (first & 31);
        int block = read(behind + 4 * (offset >> shift), 4).getInt(0);
        yield block == -1 ? -1 : (block & 0xffff_ffffL) * 4096 + (offset & ((1L << shift) - 1));
      }
      default -> throw new IOException("a layout that is not expected: " + layout);
    };
  }

  private ByteBuffer read(long position, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new IOException("the image ends before byte " + (position + length));
      }
    }
    return little(buffer.array());
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String string(ByteBuffer b, int offset, int length) {
    byte[] bytes = new byte[length];
    b.get(offset, bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
