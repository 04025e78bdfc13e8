package dev.hull.images.erofs;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A directory as the disk has it: blocks of sorted entries, each block with its entries in front
 * and their names behind.
 */
final class DirectoryBlocks {
  private static final int ENTRY = 12;

  private final List<String> names = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Sink sink;
  private int used;
  private long size;

  /** Takes the blocks in order; only the last may be shorter than 4096 bytes. */
  @FunctionalInterface
  interface Sink {
    void block(Bytes bytes) throws IOException;
  }

  private DirectoryBlocks(Sink sink) {
    this.sink = sink;
  }

  /** Makes all blocks; the numbers of the inodes must be known. */
  static void write(Directory directory, Sink sink) throws IOException {
    DirectoryBlocks blocks = new DirectoryBlocks(sink);
    directory.forEach(blocks::add);
    blocks.flush(false);
  }

  /** How many bytes {@link #write} will make. */
  static long size(Directory directory) throws IOException {
    DirectoryBlocks blocks = new DirectoryBlocks(bytes -> {});
    directory.forEach(
        (name, node) -> {
          int need = ENTRY + name.length();
          if (blocks.used + need > BlockFile.BLOCK) {
            blocks.size += BlockFile.BLOCK;
            blocks.used = 0;
          }
          blocks.used += need;
        });
    return blocks.size + blocks.used;
  }

  private void add(String name, Node node) throws IOException {
    int need = ENTRY + name.length();
    if (used + need > BlockFile.BLOCK) {
      flush(true);
    }
    names.add(name);
    nodes.add(node);
    used += need;
  }

  private void flush(boolean whole) throws IOException {
    Bytes bytes = new Bytes(BlockFile.BLOCK);
    int nameAt = ENTRY * names.size();
    for (int i = 0; i < names.size(); i++) {
      Node node = nodes.get(i);
      bytes.u64(node.nid).u16(nameAt).u8(node.entryType()).u8(0);
      nameAt += names.get(i).length();
    }
    for (String name : names) {
      bytes.string(name);
    }
    if (whole) {
      bytes.zeros(BlockFile.BLOCK - bytes.length());
    }
    sink.block(bytes);
    names.clear();
    nodes.clear();
    used = 0;
  }
}
