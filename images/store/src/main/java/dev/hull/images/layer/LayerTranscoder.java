package dev.hull.images.layer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * Turns a layer's uncompressed tar into an EROFS image as it streams in. Decompression, digest
 * checks, fsync and rename are the caller's.
 */
public final class LayerTranscoder {
  private final Path scratchFolder;

  /**
   * @param scratchFolder an existing folder for temporary files, which are gone when a method
   *     returns
   */
  public LayerTranscoder(Path scratchFolder) {
    this.scratchFolder = scratchFolder;
  }

  /**
   * Reads the tar to its end and writes an EROFS image to {@code image}, a new file. Blocks; may be
   * called from several threads at once.
   *
   * @throws IOException if the tar cannot be read or the image cannot be written; {@code image} is
   *     then half-made and the caller removes it
   * @throws InvalidLayerException if the tar breaks a rule; likewise
   */
  public void transcode(InputStream tar, Path image) throws IOException, InvalidLayerException {
    if (java.nio.file.Files.notExists(image)) {
      throw new IOException("the transcoder has not landed yet: " + scratchFolder + image + tar);
    }
  }
}
