package dev.hull.images.layer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A layer's way from tar to what is in its image; every image is checked by fsck.erofs. */
final class LayerFixture implements AutoCloseable {
  private final ErofsReader reader;
  private final Map<String, ErofsReader.File> files;

  private LayerFixture(ErofsReader reader) throws IOException {
    this.reader = reader;
    this.files = reader.walk();
  }

  static LayerFixture of(Path scratch, byte[] tar) throws IOException, InvalidLayerException {
    Path image = image(scratch, tar);
    new Programs(scratch).fsck(image);
    return new LayerFixture(new ErofsReader(image));
  }

  static LayerFixture of(Path scratch, TarBuilder.Entry... entries)
      throws IOException, InvalidLayerException {
    return of(scratch, TarBuilder.tar(entries));
  }

  static Path image(Path scratch, byte[] tar) throws IOException, InvalidLayerException {
    Path image = scratch.resolve("image-" + System.nanoTime() + ".erofs");
    new LayerTranscoder(scratch).transcode(new ByteArrayInputStream(tar), image);
    if (Files.size(image) % 4096 != 0) {
      throw new AssertionError("the image is not a multiple of 4096 bytes long");
    }
    return image;
  }

  Map<String, ErofsReader.File> files() {
    return files;
  }

  ErofsReader.File file(String path) {
    ErofsReader.File file = files.get(path);
    if (file == null) {
      throw new AssertionError(path + " is not in the image, but " + files.keySet());
    }
    return file;
  }

  ErofsReader reader() {
    return reader;
  }

  /** Data, or a link's target, as a byte string. */
  String content(String path) throws IOException {
    return new String(reader.content(file(path)), StandardCharsets.ISO_8859_1);
  }

  boolean isWhiteout(String path) {
    return file(path).type() == 0020000 && file(path).device() == 0;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
