package dev.hull.images.store;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.hull.images.ImageException;
import dev.hull.images.content.SourceStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.Function;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * Finds out how a layer is compressed by its first bytes, as Docker does: media types are at times
 * wrong about it, and no tar begins like gzip or zstd.
 */
final class Decompression {
  private static final byte[] GZIP = {0x1f, (byte) 0x8b};
  private static final byte[] ZSTD = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};
  private static final int BUFFER = 64 << 10;

  private Decompression() {}

  /** The stream, uncompressed; what is wrong with it is thrown as {@code corrupt} says. */
  static InputStream open(InputStream compressed, Function<IOException, ImageException> corrupt) {
    InputStream buffered = new BufferedInputStream(compressed, BUFFER);
    try {
      buffered.mark(ZSTD.length);
      byte[] first = buffered.readNBytes(ZSTD.length);
      buffered.reset();
      return new SourceStream(uncompressed(buffered, first), corrupt);
    } catch (IOException e) {
      throw corrupt.apply(e);
    }
  }

  private static InputStream uncompressed(InputStream in, byte[] first) throws IOException {
    if (startsWith(first, GZIP)) {
      // Not the JDK's: at the end of a member it asks how much is there already, and takes a
      // network that has not sent more yet for the end.
      return GzipCompressorInputStream.builder()
          .setInputStream(in)
          .setDecompressConcatenated(true)
          .setBufferSize(BUFFER)
          .get();
    }
    if (startsWith(first, ZSTD)) {
      return new ZstdInputStreamNoFinalizer(in);
    }
    return in;
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }
}
