package dev.hull.images.layer;

import dev.hull.images.erofs.ErofsWriter;
import dev.hull.images.erofs.ImageTooLargeException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * Turns a layer's uncompressed tar into an EROFS image as it streams in. Decompression, digest
 * checks, fsync and rename are the caller's.
 */
public final class LayerTranscoder {
  private static final int BUFFER = 64 * 1024;

  private final Path scratchFolder;
  private final LayerLimits limits;

  /**
   * @param scratchFolder an existing folder for temporary files, which are gone when a method
   *     returns
   */
  public LayerTranscoder(Path scratchFolder) {
    this(scratchFolder, LayerLimits.DEFAULT);
  }

  LayerTranscoder(Path scratchFolder, LayerLimits limits) {
    this.scratchFolder = scratchFolder;
    this.limits = limits;
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
    TarReader reader = new TarReader(new BufferedInputStream(tar, BUFFER), limits);
    try (ErofsWriter writer = new ErofsWriter(image, scratchFolder)) {
      LayerTree tree = new LayerTree(writer, limits);
      for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
        tree.add(entry, reader.data());
      }
      writer.finish(tree.finish());
    } catch (ImageTooLargeException e) {
      throw new InvalidLayerException("the layer does not fit: " + e.getMessage());
    } catch (TarData.TruncatedException e) {
      throw new InvalidLayerException("the layer is cut off: " + e.getMessage());
    }
  }
}
