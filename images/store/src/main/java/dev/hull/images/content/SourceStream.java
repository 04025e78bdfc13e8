package dev.hull.images.content;

import dev.hull.images.ImageException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Function;

/**
 * A stream whose failures are about what it reads, and say so: they become {@link ImageException},
 * so that an {@code IOException} of whoever reads it is about where that writes to.
 */
public final class SourceStream extends FilterInputStream {
  private final Function<IOException, ImageException> failure;

  public SourceStream(InputStream in, Function<IOException, ImageException> failure) {
    super(in);
    this.failure = failure;
  }

  @Override
  public int read() {
    try {
      return in.read();
    } catch (IOException e) {
      throw failure.apply(e);
    }
  }

  @Override
  public int read(byte[] bytes, int offset, int length) {
    try {
      return in.read(bytes, offset, length);
    } catch (IOException e) {
      throw failure.apply(e);
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw failure.apply(e);
    }
  }
}
