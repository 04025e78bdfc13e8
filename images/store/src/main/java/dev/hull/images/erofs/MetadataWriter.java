package dev.hull.images.erofs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * Writes what stands behind the data of files: blocks of directories (and of links that are too
 * long to stand beside their inodes), then the inodes.
 */
final class MetadataWriter {
  private static final int FLUSH_AT = 256 * 1024;

  private final BlockFile file;
  private final TailSpool tails;
  private final Directory root;
  private final Bytes pending = new Bytes(2 * FLUSH_AT);
  private long written;

  MetadataWriter(BlockFile file, TailSpool tails, Directory root) {
    this.file = file;
    this.tails = tails;
    this.root = root;
  }

  Superblock write(boolean hasChunkedFiles) throws IOException {
    List<Node> nodes = collect();
    // The root is the first, so that its number fits the 16 bits that the superblock has for it.
    SlotAllocator slots = new SlotAllocator();
    for (Node node : nodes) {
      node.nid = slots.allocate(Inode.size(node));
    }
    nodes.sort(Comparator.comparingLong(node -> node.nid));
    long[] dataBlocks = new long[nodes.size()];
    for (int i = 0; i < dataBlocks.length; i++) {
      dataBlocks[i] = writeDataBlocks(nodes.get(i));
    }
    long metadataBlock = file.reserve(slots.blocks());
    long start = metadataBlock << BlockFile.BLOCK_BITS;
    written = start;
    for (int i = 0; i < dataBlocks.length; i++) {
      Node node = nodes.get(i);
      padTo(start + node.nid * SlotAllocator.SLOT);
      Inode.write(node, Inode.dataSize(node), dataBlocks[i], i + 1, pending);
      writeBehind(node);
      if (pending.length() >= FLUSH_AT) {
        flush();
      }
    }
    flush();
    return new Superblock(root.nid, nodes.size(), file.nextBlock(), metadataBlock, hasChunkedFiles);
  }

  /** All nodes, each once, a directory's children together; counts links on the way. */
  private List<Node> collect() {
    List<Node> nodes = new ArrayList<>();
    Deque<Directory> directories = new ArrayDeque<>();
    nodes.add(root);
    root.links = 2;
    directories.add(root);
    while (!directories.isEmpty()) {
      Directory directory = directories.remove();
      for (Node child : directory.children()) {
        if (child instanceof Directory sub) {
          if (sub.links > 0) {
            throw new IllegalArgumentException("a directory stands in two places");
          }
          sub.links = 2;
          sub.parent = directory;
          directory.links++;
          directories.add(sub);
          nodes.add(sub);
        } else if (child.links++ == 0) {
          nodes.add(child);
        }
      }
    }
    return nodes;
  }

  /**
   * Writes data that has blocks of its own and is not in the image yet; returns its first block.
   */
  private long writeDataBlocks(Node node) throws IOException {
    return switch (node) {
      case RegularFile regular -> {
        yield regular.data() instanceof RegularFile.Flat flat ? flat.firstBlock() : 0;
      }
      case Symlink link -> {
        if (Inode.isInline(link)) {
          yield 0;
        }
        byte[] target = link.target().getBytes(StandardCharsets.ISO_8859_1);
        long first = file.reserve(1);
        file.write(target, target.length, first << BlockFile.BLOCK_BITS);
        yield first;
      }
      case Directory directory -> writeDirectory(directory);
      case Special special -> 0;
    };
  }

  private long writeDirectory(Directory directory) throws IOException {
    long size = Inode.dataSize(directory);
    long blocks = BlockFile.blocks(size) - (Inode.isInline(directory) ? 1 : 0);
    if (blocks == 0) {
      return 0;
    }
    long first = file.reserve(blocks);
    long end = first + blocks;
    long[] next = {first};
    DirectoryBlocks.write(
        directory,
        bytes -> {
          if (next[0] < end) {
            file.write(bytes.array(), bytes.length(), next[0]++ << BlockFile.BLOCK_BITS);
          }
        });
    return first;
  }

  /** Writes what follows an inode and its extended attributes. */
  private void writeBehind(Node node) throws IOException {
    if (node instanceof RegularFile regular
        && regular.data() instanceof RegularFile.Chunked chunked) {
      chunked
          .map()
          .forEach(
              block -> {
                pending.u32(block);
                if (pending.length() >= FLUSH_AT) {
                  flush();
                }
              });
    } else if (Inode.isInline(node)) {
      switch (node) {
        case RegularFile regular -> {
          if (regular.data() instanceof RegularFile.Flat flat && flat.tail() != null) {
            pending.put(tails.read(flat.tail()));
          }
        }
        case Symlink link -> pending.string(link.target());
        case Directory directory -> pending.put(lastBlock(directory));
        case Special special -> {}
      }
    }
  }

  private static byte[] lastBlock(Directory directory) throws IOException {
    byte[][] last = {new byte[0]};
    DirectoryBlocks.write(
        directory, bytes -> last[0] = Arrays.copyOf(bytes.array(), bytes.length()));
    return last[0];
  }

  private void padTo(long position) throws IOException {
    long gap = position - (written + pending.length());
    if (gap > FLUSH_AT) {
      flush();
      written = position;
    } else {
      pending.zeros((int) gap);
    }
  }

  private void flush() throws IOException {
    file.write(pending.array(), pending.length(), written);
    written += pending.length();
    pending.clear();
  }
}
