package dev.hull.cri.bridge.log;

import dev.hull.vm.GuestContainer.Output.Chunk;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Where a container's output goes. Thread-safe. After an {@link IOException} nothing of the chunk
 * counts as written, and the same chunk may be given again.
 */
interface LogSink extends AutoCloseable {
  /** The first byte of output, counted over both streams, that has not been kept. */
  long offset();

  void append(Chunk chunk) throws IOException;

  /** Counts a chunk as kept that is not: it is lost. */
  void skip(Chunk chunk) throws IOException;

  /** Both streams have ended. Does nothing the second time. */
  void finish() throws IOException;

  /** Goes on in a new file at the same path. If it throws, the old file is still written. */
  void reopen() throws IOException;

  @Override
  void close();

  /** Reads output so that its writer does not block, and keeps none; only how far it has read. */
  final class Discard implements LogSink {
    private final WriteAhead record;
    private long sequence;
    private long offset;

    Discard(Path recordFile) throws IOException {
      record = new WriteAhead(recordFile);
      record
          .latest()
          .ifPresent(
              entry -> {
                sequence = entry.sequence();
                offset = entry.offsetAfter();
              });
    }

    @Override
    public synchronized long offset() {
      return offset;
    }

    @Override
    public void append(Chunk chunk) throws IOException {
      skip(chunk);
    }

    @Override
    public synchronized void skip(Chunk chunk) throws IOException {
      long end = Math.max(offset, chunk.offset() + chunk.data().remaining());
      record.write(new WriteAhead.Entry(sequence + 1, 0, 0, 0, offset, end, 0, 0));
      sequence++;
      offset = end;
    }

    @Override
    public void finish() {}

    @Override
    public void reopen() {}

    @Override
    public synchronized void close() {
      record.close();
    }
  }
}
