package dev.hull.images.store;

import dev.hull.images.layer.InvalidLayerException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * Makes a layer's file of its uncompressed tar. What the stream throws it lets through; an {@code
 * IOException} of its own is about the file.
 */
@FunctionalInterface
public interface LayerWriter {
  void write(InputStream tar, Path file) throws IOException, InvalidLayerException;
}
