package dev.hull.images.erofs;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How a sparse file's chunks lie in the image. Chunks are as large as they can be with every hole
 * of a whole block still being one, but a file never gets more than a million of them: in a sparse
 * file of more than 4 GiB holes may lose their ends to blocks of zeros.
 */
final class ChunkMap {
  private static final int MAX_CHUNKS = 1 << 20;
  private static final int MAX_BITS = 20;
  private static final int HOLE = -1;

  /** Consecutive chunks, in the file and in the image. */
  private record Run(long firstChunk, long chunks, long firstBlock) {}

  private final int bits;
  private final long size;
  private final List<Run> runs;

  private ChunkMap(int bits, long size, List<Run> runs) {
    this.bits = bits;
    this.size = size;
    this.runs = runs;
  }

  /** Hands out blocks for the extents, which are ascending and do not overlap. */
  static ChunkMap allocate(long size, List<Extent> extents, BlockFile file) throws IOException {
    int bits = chunkBits(size, extents);
    int shift = bits + BlockFile.BLOCK_BITS;
    List<Run> runs = new ArrayList<>();
    long first = 0;
    long end = 0;
    for (Extent extent : extents) {
      if (extent.length() == 0) {
        continue;
      }
      long from = extent.offset() >> shift;
      long to = ((extent.end() - 1) >> shift) + 1;
      if (from > end) {
        addRun(runs, first, end, bits, size, file);
        first = from;
      }
      end = to;
    }
    addRun(runs, first, end, bits, size, file);
    return new ChunkMap(bits, size, runs);
  }

  private static void addRun(
      List<Run> runs, long first, long end, int bits, long size, BlockFile file)
      throws IOException {
    if (end > first) {
      // The last chunk of a file has no blocks behind the file's end.
      long blocks = Math.min(end << bits, BlockFile.blocks(size)) - (first << bits);
      runs.add(new Run(first, end - first, file.reserve(blocks)));
    }
  }

  private static int chunkBits(long size, List<Extent> extents) {
    long edges = 1L << MAX_BITS;
    for (Extent extent : extents) {
      if (extent.length() > 0) {
        edges |= extent.offset() >> BlockFile.BLOCK_BITS;
        if (extent.end() < size) {
          edges |= BlockFile.blocks(extent.end());
        }
      }
    }
    int bits = Long.numberOfTrailingZeros(edges);
    while (chunks(size, bits) > MAX_CHUNKS) {
      bits++;
    }
    return bits;
  }

  private static long chunks(long size, int bits) {
    return ((size - 1) >> (bits + BlockFile.BLOCK_BITS)) + 1;
  }

  /** The logarithm of the blocks in a chunk. */
  int bits() {
    return bits;
  }

  /** How many numbers {@link #forEach} shows. */
  int chunks() {
    return (int) chunks(size, bits);
  }

  boolean hasHoles() {
    return runs.size() != 1 || runs.getFirst().chunks != chunks();
  }

  long firstBlock() {
    return runs.getFirst().firstBlock;
  }

  /** Says where bytes go; extents come in the order in which they were given. */
  final class Cursor {
    private int run;

    /** Where in the image the extent begins; all of it is consecutive. */
    long position(Extent extent) {
      int shift = bits + BlockFile.BLOCK_BITS;
      long chunk = extent.offset() >> shift;
      while (runs.get(run).firstChunk + runs.get(run).chunks <= chunk) {
        run++;
      }
      Run current = runs.get(run);
      return (current.firstBlock << BlockFile.BLOCK_BITS)
          + extent.offset()
          - (current.firstChunk << shift);
    }
  }

  /** Is shown the first block of each chunk, or -1 for a hole. */
  @FunctionalInterface
  interface Visitor {
    void chunk(int block) throws IOException;
  }

  void forEach(Visitor visitor) throws IOException {
    long next = 0;
    for (Run run : runs) {
      for (; next < run.firstChunk; next++) {
        visitor.chunk(HOLE);
      }
      for (long i = 0; i < run.chunks; i++) {
        visitor.chunk((int) (run.firstBlock + (i << bits)));
      }
      next += run.chunks;
    }
    for (; next < chunks(); next++) {
      visitor.chunk(HOLE);
    }
  }
}
