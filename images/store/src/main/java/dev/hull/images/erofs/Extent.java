package dev.hull.images.erofs;

/** Bytes of a sparse file that are not in a hole. */
public record Extent(long offset, long length) {
  public Extent {
    if (offset < 0 || length < 0 || Long.MAX_VALUE - offset < length) {
      throw new IllegalArgumentException("not an extent: " + offset + "+" + length);
    }
  }

  public long end() {
    return offset + length;
  }
}
