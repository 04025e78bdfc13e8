package dev.hull.images.erofs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps the last bytes of files, less than a block each, until the metadata is written, for their
 * place is beside the inode. In a file, so that memory does not grow with them.
 */
final class TailSpool implements AutoCloseable {
  /** Where a tail waits. */
  record Tail(long offset, int length) {}

  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
  private long end;

  TailSpool(Path scratchFolder) throws IOException {
    Path file = Files.createTempFile(scratchFolder, "tails-", "");
    channel =
        FileChannel.open(
            file,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
  }

  Tail add(byte[] bytes, int length) throws IOException {
    if (buffer.remaining() < length) {
      flush();
    }
    buffer.put(bytes, 0, length);
    Tail tail = new Tail(end, length);
    end += length;
    return tail;
  }

  byte[] read(Tail tail) throws IOException {
    flush();
    ByteBuffer bytes = ByteBuffer.allocate(tail.length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, tail.offset + bytes.position()) < 0) {
        throw new IOException("a scratch file has lost its end");
      }
    }
    return bytes.array();
  }

  private void flush() throws IOException {
    buffer.flip();
    long position = end - buffer.remaining();
    while (buffer.hasRemaining()) {
      position += channel.write(buffer, position);
    }
    buffer.clear();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
