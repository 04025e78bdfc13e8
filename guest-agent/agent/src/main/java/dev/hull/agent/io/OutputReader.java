package dev.hull.agent.io;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.LinuxException;
import dev.hull.agent.linux.Transfers;
import dev.hull.guest.channel.OutputFrame;
import java.time.Duration;

/** Reads one stream of a process into its output, and stops reading while that is full. */
public final class OutputReader implements IoLoop.Watched {
  private static final Duration LINGER = Duration.ofSeconds(2);
  private static final Duration LINGER_CHECK = Duration.ofMillis(250);

  private final Descriptors descriptors;
  private final IoLoop loop;
  private final int fd;
  private final OutputFrame.Kind stream;
  private final ProcessOutput output;
  private boolean open = true;
  private long readAt;

  public OutputReader(
      Descriptors descriptors, IoLoop loop, int fd, OutputFrame.Kind stream, ProcessOutput output) {
    this.descriptors = descriptors;
    this.loop = loop;
    this.fd = fd;
    this.stream = stream;
    this.output = output;
  }

  @Override
  public int fd() {
    return fd;
  }

  @Override
  public short events() {
    return open && !output.full() ? Descriptors.POLL_IN : 0;
  }

  @Override
  public void ready() {
    int count;
    try {
      count = output.take(fd, stream);
    } catch (LinuxException e) {
      // EIO is how a terminal says that nobody has it open any more.
      count = 0;
    }
    if (count == 0) {
      end();
    } else if (count != Transfers.WOULD_BLOCK) {
      readAt = System.nanoTime();
    }
  }

  @Override
  public boolean open() {
    return open;
  }

  /**
   * The process has exited. A descendant that inherited the stream may keep it open for ever: its
   * output is taken until it has been silent for {@link #LINGER}.
   */
  public void processExited() {
    readAt = System.nanoTime();
    checkSilence();
  }

  private void checkSilence() {
    if (!open) {
      return;
    }
    if (output.full()) {
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
    output.streamEnded();
  }
}
