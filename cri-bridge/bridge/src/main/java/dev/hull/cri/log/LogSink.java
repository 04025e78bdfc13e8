package dev.hull.cri.log;

import dev.hull.vm.GuestContainer.Output.Chunk;
import java.io.IOException;

/**
 * Where a container's output goes. Thread-safe. After an {@link IOException} nothing of the chunk
 * counts as written, and the same chunk may be given again.
 */
interface LogSink extends AutoCloseable {
  /** The first byte of output, counted over both streams, that has not been kept. */
  long offset();

  void append(Chunk chunk) throws IOException;

  /** Both streams have ended. Does nothing the second time. */
  void finish() throws IOException;

  /** Goes on in a new file at the same path. If it throws, the old file is still written. */
  void reopen() throws IOException;

  @Override
  void close();

  /** Reads output so that its writer does not block, and keeps none. */
  final class Discard implements LogSink {
    private long offset;

    @Override
    public synchronized long offset() {
      return offset;
    }

    @Override
    public synchronized void append(Chunk chunk) {
      offset = Math.max(offset, chunk.offset() + chunk.data().remaining());
    }

    @Override
    public void finish() {}

    @Override
    public void reopen() {}

    @Override
    public void close() {}
  }
}
