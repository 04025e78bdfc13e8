package dev.hull.images.layer;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** The data of one entry after the other, as a stream that ends with each. */
final class TarData extends InputStream {
  /** The tar is over before the data is. */
  static final class TruncatedException extends EOFException {
    private static final long serialVersionUID = 1L;

    private TruncatedException() {
      super("the tar ends within the data of an entry");
    }
  }

  private final InputStream in;
  private long left;
  private int padding;

  TarData(InputStream in) {
    this.in = in;
  }

  /** The next entry's data begins here. */
  void start(long size) {
    left = size;
    padding = (int) (-size & (TarHeader.BLOCK - 1));
  }

  /** Goes behind the data and its padding. */
  void skipRest() throws IOException {
    transferTo(OutputStream.nullOutputStream());
    if (in.readNBytes(padding).length < padding) {
      throw new TruncatedException();
    }
    padding = 0;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (left == 0 || length == 0) {
      return length == 0 ? 0 : -1;
    }
    int count = in.read(bytes, offset, (int) Math.min(left, length));
    if (count < 0) {
      throw new TruncatedException();
    }
    left -= count;
    return count;
  }
}
