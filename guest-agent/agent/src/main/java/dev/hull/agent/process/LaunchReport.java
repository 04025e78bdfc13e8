package dev.hull.agent.process;

import dev.hull.agent.io.IoLoop;
import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.Errno;
import dev.hull.agent.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/** Follows what the launcher reports, until the pipe closes: by exec, or by its end. */
final class LaunchReport implements IoLoop.Watched {
  private static final int MAX_READ = 4096;

  /** The answers to the launcher's messages. Called on the loop's thread. */
  interface Answers {
    void pid(int pid);

    /** The process waits for the word to go on; {@code master} is -1 without a terminal. */
    void ready(int master);
  }

  private final Descriptors descriptors;
  private final int fd;
  private final Answers answers;
  private final CompletableFuture<Void> running = new CompletableFuture<>();
  private byte[] unread = {};
  private boolean ready;
  private boolean open = true;

  LaunchReport(Descriptors descriptors, int fd, Answers answers) {
    this.descriptors = descriptors;
    this.fd = fd;
    this.answers = answers;
  }

  /** Completes when the program runs, or with a {@link LaunchException}. */
  CompletableFuture<Void> running() {
    return running;
  }

  @Override
  public int fd() {
    return fd;
  }

  @Override
  public short events() {
    return Descriptors.POLL_IN;
  }

  @Override
  public boolean open() {
    return open;
  }

  @Override
  public void ready() {
    try {
      byte[] bytes = new byte[MAX_READ];
      int count = descriptors.read(fd, bytes, 0, bytes.length);
      if (count > 0) {
        int kept = unread.length;
        unread = Arrays.copyOf(unread, kept + count);
        System.arraycopy(bytes, 0, unread, kept, count);
        parse();
        return;
      }
      if (ready) {
        running.complete(null);
      } else {
        fail("the launcher ended before the process was ready");
      }
    } catch (LinuxException e) {
      fail(e.getMessage() == null ? "" : e.getMessage());
    }
    end();
  }

  /** Stops following. On the loop's thread. */
  void end() {
    if (open) {
      open = false;
      descriptors.close(fd);
    }
  }

  private void parse() {
    ByteBuffer in = ByteBuffer.wrap(unread).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      in.mark();
      int type = in.get();
      if (in.remaining() < (type == 'E' ? 7 : 4)) {
        in.reset();
        break;
      }
      switch (type) {
        case 'P' -> answers.pid(in.getInt());
        case 'R' -> {
          answers.ready(in.getInt());
          ready = true;
        }
        case 'E' -> {
          int stage = in.get();
          Errno errno = new Errno(in.getInt());
          byte[] detail = new byte[Math.min(in.getShort() & 0xffff, in.remaining())];
          in.get(detail);
          running.completeExceptionally(
              LaunchException.reported(stage, errno, new String(detail, StandardCharsets.UTF_8)));
        }
        default -> fail("the launcher said something unknown: " + type);
      }
    }
    unread = Arrays.copyOfRange(unread, in.position(), unread.length);
  }

  private void fail(String why) {
    running.completeExceptionally(new LaunchException(LaunchException.Kind.INTERNAL, why));
  }
}
