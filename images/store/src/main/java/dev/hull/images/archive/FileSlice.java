package dev.hull.images.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;

/**
 * A part of a file, read at positions of its own: others may read the channel at the same time.
 * Closing it leaves the channel open.
 */
final class FileSlice extends InputStream {
  private final FileChannel file;
  private final long end;
  private long position;

  FileSlice(FileChannel file, long offset, long length) {
    this.file = file;
    this.position = offset;
    this.end = Math.addExact(offset, length);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    if (position == end) {
      return -1;
    }
    int wanted = (int) Math.min(length, end - position);
    int count = file.read(ByteBuffer.wrap(buffer, offset, wanted), position);
    if (count < 0) {
      throw new EOFException("the file ends before " + end);
    }
    position += count;
    return count;
  }
}
