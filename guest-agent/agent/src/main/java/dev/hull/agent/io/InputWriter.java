package dev.hull.agent.io;

import com.google.protobuf.ByteString;
import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.Errno;
import dev.hull.agent.linux.LinuxException;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;

/** Writes to a process's standard input as fast as it takes it. */
public final class InputWriter implements IoLoop.Watched {
  /** Each at most 64 KiB; a host that does not wait for its answers gets an error. */
  static final int MAX_PENDING = 16;

  private record Pending(ByteString data, boolean close, CompletableFuture<Void> taken) {}

  private final Descriptors descriptors;
  private final IoLoop loop;
  private final int fd;
  private final ArrayDeque<Pending> queue = new ArrayDeque<>();
  private int written;
  private boolean open = true;

  public InputWriter(Descriptors descriptors, IoLoop loop, int fd) {
    this.descriptors = descriptors;
    this.loop = loop;
    this.fd = fd;
  }

  /**
   * Completes when the process has taken the bytes; fails with {@link ClosedInput} or when full.
   */
  public CompletableFuture<Void> write(ByteString data, boolean close) {
    CompletableFuture<Void> taken = new CompletableFuture<>();
    loop.execute(
        () -> {
          if (!open) {
            taken.completeExceptionally(new ClosedInput());
          } else if (queue.size() >= MAX_PENDING) {
            taken.completeExceptionally(
                new IllegalStateException(
                    "more than " + MAX_PENDING + " writes wait for the process to read"));
          } else {
            queue.add(new Pending(data, close, taken));
          }
        });
    return taken;
  }

  /** The process no longer reads. */
  public static final class ClosedInput extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClosedInput() {
      super("standard input is closed");
    }
  }

  @Override
  public int fd() {
    return fd;
  }

  @Override
  public short events() {
    return queue.isEmpty() ? 0 : Descriptors.POLL_OUT;
  }

  @Override
  public void ready() {
    while (open && !queue.isEmpty()) {
      Pending head = queue.element();
      byte[] bytes = head.data().toByteArray();
      if (written < bytes.length) {
        try {
          written += descriptors.write(fd, bytes, written, bytes.length - written);
        } catch (LinuxException e) {
          if (e.errno().equals(Errno.EAGAIN)) {
            return;
          }
          end();
          return;
        }
        continue;
      }
      queue.remove();
      written = 0;
      if (head.close()) {
        end();
      }
      head.taken().complete(null);
    }
  }

  @Override
  public boolean open() {
    return open;
  }

  /** On the loop's thread. */
  public void end() {
    if (!open) {
      return;
    }
    open = false;
    descriptors.close(fd);
    while (!queue.isEmpty()) {
      queue.remove().taken().completeExceptionally(new ClosedInput());
    }
  }
}
