package dev.hull.images.layout;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a layer's uncompressed tar; called once for each layer, and does not close the stream. */
@FunctionalInterface
public interface TarSource {
  void writeTo(OutputStream out) throws IOException;

  /** A tar that is a file. */
  static TarSource of(Path tar) {
    return out -> Files.copy(tar, out);
  }
}
