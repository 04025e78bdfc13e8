package dev.hull.images.erofs;

import org.jspecify.annotations.Nullable;

/** A regular file, whose data is in the image already. {@link ErofsWriter} makes them. */
public final class RegularFile extends Node {
  private final long size;
  private final Data data;

  RegularFile(Attributes attributes, long size, Data data) {
    super(attributes);
    this.size = size;
    this.data = data;
  }

  public long size() {
    return size;
  }

  Data data() {
    return data;
  }

  @Override
  int typeBits() {
    return 0100000;
  }

  @Override
  int entryType() {
    return 1;
  }

  /** Where the bytes are. */
  sealed interface Data {}

  /**
   * In consecutive blocks.
   *
   * @param tail where the bytes behind the last whole block wait to be put beside the inode; null
   *     if they have a block
   */
  record Flat(long firstBlock, TailSpool.@Nullable Tail tail) implements Data {}

  /** In chunks, some of which are holes. */
  record Chunked(ChunkMap map) implements Data {}
}
