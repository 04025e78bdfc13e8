package dev.hull.images.layout;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;

/** How the layers of a layout are compressed. */
public enum Compression {
  NONE(""),
  GZIP("+gzip"),
  ZSTD("+zstd");

  private final String suffix;

  Compression(String suffix) {
    this.suffix = suffix;
  }

  String mediaType() {
    return "application/vnd.oci.image.layer.v1.tar" + suffix;
  }

  /** Neither form has a time in it. */
  OutputStream compress(OutputStream out) throws IOException {
    return switch (this) {
      case NONE -> out;
      case GZIP -> new GZIPOutputStream(out, 64 * 1024);
      case ZSTD -> new ZstdOutputStream(out, 3);
    };
  }
}
