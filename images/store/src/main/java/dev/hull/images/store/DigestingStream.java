package dev.hull.images.store;

import dev.hull.images.Digest;
import dev.hull.images.ImageException;
import dev.hull.images.content.Document;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** Counts and digests what is read through it, up to a limit. */
final class DigestingStream extends FilterInputStream {
  private final MessageDigest sha256 = Document.sha256();
  private final long limit;
  private final Supplier<ImageException> beyond;
  private final LongConsumer advanced;
  private long count;

  /**
   * @param beyond is thrown when there is more than {@code limit}
   * @param advanced is told the count after each read
   */
  DigestingStream(
      InputStream in, long limit, Supplier<ImageException> beyond, LongConsumer advanced) {
    super(in);
    this.limit = limit;
    this.beyond = beyond;
    this.advanced = advanced;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int got = in.read(bytes, offset, length);
    if (got > 0) {
      count += got;
      if (count > limit) {
        throw beyond.get();
      }
      sha256.update(bytes, offset, got);
      advanced.accept(count);
    }
    return got;
  }

  @Override
  public long skip(long wanted) throws IOException {
    // What is skipped must be digested too.
    return readNBytes((int) Math.min(wanted, 8192)).length;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  void drain() throws IOException {
    byte[] buffer = new byte[64 << 10];
    while (read(buffer, 0, buffer.length) >= 0) {
      // Each read counts and digests.
    }
  }

  long count() {
    return count;
  }

  /** Of all that was read; to be called once, at the end. */
  Digest digest() {
    return new Digest("sha256:" + HexFormat.of().formatHex(sha256.digest()));
  }
}
