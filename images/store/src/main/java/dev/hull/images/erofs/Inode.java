package dev.hull.images.erofs;

import java.io.IOException;
import java.util.List;

/** How the inode of a node is laid out, and its bytes. All inodes have the extended form. */
final class Inode {
  private static final int HEAD = 64;
  private static final int EXTENDED = 1;
  private static final int FLAT_PLAIN = 0;
  private static final int FLAT_INLINE = 2;
  private static final int CHUNK_BASED = 4;

  private Inode() {}

  /** What it takes in the metadata area. */
  static long size(Node node) throws IOException {
    long head = headSize(node);
    if (node instanceof RegularFile file && file.data() instanceof RegularFile.Chunked chunked) {
      return head + 4L * chunked.map().chunks();
    }
    return isInline(node) ? head + tailLength(node) : head;
  }

  /** Whether the bytes behind the last whole block stand beside the inode. */
  static boolean isInline(Node node) throws IOException {
    int tail = tailLength(node);
    return tail > 0 && headSize(node) + tail <= BlockFile.BLOCK;
  }

  /** As {@link #isInline}, before there is a node. */
  static boolean fitsInline(Attributes attributes, int tail) {
    return tail > 0 && HEAD + Attributes.xattrBytes(attributes.xattrs()) + tail <= BlockFile.BLOCK;
  }

  /** Bytes of data, as the size field says. */
  static long dataSize(Node node) throws IOException {
    return switch (node) {
      case Directory directory -> DirectoryBlocks.size(directory);
      case RegularFile file -> file.size();
      case Symlink link -> link.target().length();
      case Special special -> 0;
    };
  }

  private static int tailLength(Node node) throws IOException {
    return switch (node) {
      case RegularFile file ->
          file.data() instanceof RegularFile.Flat flat && flat.tail() != null
              ? flat.tail().length()
              : 0;
      case Directory directory -> (int) (dataSize(directory) & (BlockFile.BLOCK - 1));
      case Symlink link -> link.target().length() & (BlockFile.BLOCK - 1);
      case Special special -> 0;
    };
  }

  private static long headSize(Node node) {
    return HEAD + Attributes.xattrBytes(node.attributes().xattrs());
  }

  /**
   * Writes the inode without what stands behind its extended attributes.
   *
   * @param firstBlock of the data that is not beside the inode
   */
  static void write(Node node, long size, long firstBlock, int number, Bytes out)
      throws IOException {
    Attributes attributes = node.attributes();
    int layout = isInline(node) ? FLAT_INLINE : FLAT_PLAIN;
    int where = (int) firstBlock;
    if (node instanceof Special special) {
      where = special.device();
    } else if (node instanceof RegularFile file
        && file.data() instanceof RegularFile.Chunked chunked) {
      layout = CHUNK_BASED;
      where = chunked.map().bits();
    }
    out.u16(EXTENDED | layout << 1)
        .u16(xattrCount(attributes.xattrs()))
        .u16(node.typeBits() | attributes.permissions())
        .u16(0)
        .u64(size)
        .u32(where)
        .u32(number)
        .u32(attributes.uid())
        .u32(attributes.gid())
        .u64(attributes.mtimeSeconds())
        .u32(attributes.mtimeNanos())
        .u32(node.links)
        .zeros(16);
    writeXattrs(attributes.xattrs(), out);
  }

  private static int xattrCount(List<Xattr> xattrs) {
    return xattrs.isEmpty() ? 0 : (int) (Attributes.xattrBytes(xattrs) - 12) / 4 + 1;
  }

  private static void writeXattrs(List<Xattr> xattrs, Bytes out) {
    if (xattrs.isEmpty()) {
      return;
    }
    out.zeros(12);
    for (Xattr xattr : xattrs) {
      String suffix = xattr.suffix();
      int padding = xattr.size() - 4 - suffix.length() - xattr.value().length();
      out.u8(suffix.length())
          .u8(xattr.index())
          .u16(xattr.value().length())
          .string(suffix)
          .string(xattr.value())
          .zeros(padding);
    }
  }
}
