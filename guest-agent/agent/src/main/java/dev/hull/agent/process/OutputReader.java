package dev.hull.agent.process;

import com.google.protobuf.ByteString;
import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.Errno;
import dev.hull.agent.linux.LinuxException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Reads one stream of a process into its buffer, and stops reading while that is full. */
final class OutputReader implements IoLoop.Watched {
  private static final Duration LINGER = Duration.ofSeconds(2);
  private static final Duration LINGER_CHECK = Duration.ofMillis(250);

  private final Descriptors descriptors;
  private final IoLoop loop;
  private final InstantSource clock;
  private final int fd;
  private final OutputBuffer.Stream stream;
  private final OutputBuffer buffer;
  private boolean open = true;
  private long readAt;

  OutputReader(
      Descriptors descriptors,
      IoLoop loop,
      InstantSource clock,
      int fd,
      OutputBuffer.Stream stream,
      OutputBuffer buffer) {
    this.descriptors = descriptors;
    this.loop = loop;
    this.clock = clock;
    this.fd = fd;
    this.stream = stream;
    this.buffer = buffer;
  }

  @Override
  public int fd() {
    return fd;
  }

  @Override
  public short events() {
    return open && !buffer.full() ? Descriptors.POLL_IN : 0;
  }

  @Override
  public void ready() {
    byte[] bytes = loop.scratch();
    int count;
    try {
      count = descriptors.read(fd, bytes, 0, bytes.length);
    } catch (LinuxException e) {
      if (e.errno().equals(Errno.EAGAIN)) {
        return;
      }
      // EIO is how a terminal says that nobody has it open any more.
      count = 0;
    }
    if (count == 0) {
      end();
      return;
    }
    readAt = System.nanoTime();
    buffer.append(stream, ByteString.copyFrom(bytes, 0, count), nanos(clock.instant()));
  }

  @Override
  public boolean open() {
    return open;
  }

  /**
   * The process has exited. A descendant that inherited the stream may keep it open for ever: its
   * output is taken until it has been silent for {@link #LINGER}.
   */
  void processExited() {
    readAt = System.nanoTime();
    checkSilence();
  }

  private void checkSilence() {
    if (!open) {
      return;
    }
    if (buffer.full()) {
      // Whether it is silent is unknown as long as nobody reads.
      readAt = System.nanoTime();
    } else if (System.nanoTime() - readAt > LINGER.toNanos()) {
      end();
      return;
    }
    loop.after(LINGER_CHECK, this::checkSilence);
  }

  private void end() {
    open = false;
    descriptors.close(fd);
    buffer.streamEnded();
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }
}
