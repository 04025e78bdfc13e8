package dev.hull.images.store;

/**
 * What the store takes on.
 *
 * @param parallelLayers of one image
 * @param maxLayerBytes a layer's tar, unpacked: what a decompression bomb is stopped at
 */
public record Limits(int parallelLayers, long maxLayerBytes) {
  public static final Limits DEFAULT = new Limits(3, 64L << 30);

  public Limits {
    if (parallelLayers < 1 || maxLayerBytes < 1) {
      throw new IllegalArgumentException(
          "limits begin at 1: " + parallelLayers + ", " + maxLayerBytes);
    }
  }
}
