package dev.hull.vm.guest;

import dev.hull.guest.channel.OutputFrame;
import dev.hull.vm.GuestContainer.Output.Chunk;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** What comes over the output line for one call, until it is taken. Safe for several threads. */
final class OutputFlow implements AutoCloseable {
  private static final int ACKNOWLEDGED_AT_ONCE = OutputFrame.WINDOW_BYTES / 4;

  private final GuestOutputLine line;
  private final int number;
  private final Queue<Chunk> came = new ArrayDeque<>();

  /** What waits to be taken, and what was taken and the guest not told, heads included. */
  private int waiting;

  private int taken;
  private long acknowledged;
  private OptionalLong end = OptionalLong.empty();
  private @Nullable RuntimeException failure;

  /**
   * @param from everything below has been kept safe
   */
  OutputFlow(GuestOutputLine line, int number, long from) {
    this.line = line;
    this.number = number;
    this.acknowledged = from;
  }

  int number() {
    return number;
  }

  private static int cost(Chunk chunk) {
    return OutputFrame.HEAD_BYTES + chunk.data().remaining();
  }

  /** HOSTILE_GUEST if that is more than the guest may send before an acknowledgement. */
  synchronized void came(Chunk chunk) {
    waiting += cost(chunk);
    long unsafe = chunk.offset() + chunk.data().remaining() - acknowledged;
    GuestStatus.require(
        waiting <= OutputFrame.WINDOW_BYTES && unsafe <= OutputFrame.WINDOW_BYTES,
        "more output comes than the guest may send before an acknowledgement");
    came.add(chunk);
    notifyAll();
  }

  /** No byte comes from this offset on. */
  synchronized void end(long offset) {
    end = OptionalLong.of(offset);
    notifyAll();
  }

  /** Whoever takes is told, after what has come. */
  synchronized void fail(RuntimeException why) {
    if (failure == null) {
      failure = why;
    }
    notifyAll();
  }

  /**
   * Blocks for the next piece; null if there is none from {@code from} on. HOSTILE_GUEST if there
   * is no end there.
   */
  synchronized @Nullable Chunk take(long from) throws InterruptedException {
    while (came.isEmpty() && failure == null && (end.isEmpty() || end.getAsLong() > from)) {
      wait();
    }
    Chunk next = came.poll();
    if (next != null) {
      waiting -= cost(next);
      taken += cost(next);
      return next;
    }
    if (end.isPresent() && end.getAsLong() == from) {
      return null;
    }
    if (failure != null) {
      throw failure;
    }
    throw GuestStatus.hostile("the output ends before its last byte");
  }

  /**
   * Everything below {@code offset} has been kept safe. The guest is told when that is much of what
   * it may send, or all there is: each time costs it as much as a piece of output.
   */
  void acknowledge(long offset) {
    synchronized (this) {
      acknowledged = Math.max(acknowledged, offset);
      boolean all = end.isPresent() && end.getAsLong() == acknowledged;
      if (taken == 0 || (taken < ACKNOWLEDGED_AT_ONCE && !all)) {
        return;
      }
      taken = 0;
    }
    line.acknowledge(this, offset);
  }

  /** Acknowledges what has been kept safe, if that is all: the end may be known since. */
  void finish() {
    acknowledge(acknowledged());
  }

  private synchronized long acknowledged() {
    return acknowledged;
  }

  /** Whoever still takes learns that nothing comes. */
  @Override
  public void close() {
    fail(new MachineException(Kind.UNAVAILABLE, "the reader of the output is done"));
    line.leave(this);
  }
}
