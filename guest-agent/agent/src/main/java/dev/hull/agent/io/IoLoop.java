package dev.hull.agent.io;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.Transfers;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * One thread that reads and writes for all processes, because a thread a stream would cost more
 * memory than the agent has. Everything that it watches belongs to this thread: other threads hand
 * it tasks.
 */
public final class IoLoop implements AutoCloseable {
  private static final long STACK_BYTES = 256 * 1024;
  private static final int COUNTER_BYTES = 8;
  private static final int POLLFD_BYTES = 8;
  private static final int POLLFD_READY = 6;
  private static final int SOME = 32;

  /** A descriptor and what to do when it is ready. Only called on the loop's thread. */
  public interface Watched {
    int fd();

    /** Events of poll(2) that are wanted now; 0 leaves it alone. */
    short events();

    void ready();

    /** False when it has closed its descriptor; it is watched no longer then. */
    boolean open();
  }

  private record Timer(long atNanos, Runnable task) {}

  private final Descriptors descriptors;
  private final Transfers transfers;
  private final int wake;
  private final Thread thread;
  private final List<Watched> watched = new ArrayList<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::atNanos));
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private MemorySegment askedMemory;
  private ByteBuffer asked;
  private boolean awake;
  private boolean closed;

  public IoLoop(Descriptors descriptors, Transfers transfers) {
    this.descriptors = descriptors;
    this.transfers = transfers;
    this.askedMemory = transfers.map(SOME * POLLFD_BYTES);
    this.asked = askedMemory.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    this.wake = descriptors.counter();
    this.thread =
        Thread.ofPlatform().name("io").daemon().stackSize(STACK_BYTES).unstarted(this::run);
    thread.start();
  }

  /** Runs the task on the loop's thread, soon. Does nothing after close. */
  public void execute(Runnable task) {
    synchronized (tasks) {
      if (closed) {
        return;
      }
      tasks.add(task);
      wakeUp();
    }
  }

  /** On the loop's thread only. */
  public void watch(Watched channel) {
    watched.add(channel);
  }

  /** On the loop's thread only. */
  void after(Duration delay, Runnable task) {
    timers.add(new Timer(System.nanoTime() + delay.toNanos(), task));
  }

  /** Ends the thread. What is watched stays open. */
  @Override
  public void close() {
    synchronized (tasks) {
      closed = true;
      wakeUp();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void wakeUp() {
    if (!awake) {
      awake = true;
      byte[] one = new byte[COUNTER_BYTES];
      one[0] = 1;
      descriptors.write(wake, one, 0, COUNTER_BYTES);
    }
  }

  private void run() {
    while (runTasks()) {
      runTimers();
      try {
        poll();
      } catch (RuntimeException e) {
        System.err.println("io: " + e);
      }
    }
    descriptors.close(wake);
  }

  private void poll() {
    watched.removeIf(channel -> !channel.open());
    int count = watched.size() + 1;
    if (count > asked.capacity() / POLLFD_BYTES) {
      ask(2 * count);
    }
    ask(0, wake, Descriptors.POLL_IN);
    for (int i = 1; i < count; i++) {
      Watched channel = watched.get(i - 1);
      short events = channel.events();
      // A hang-up would be reported although nothing was asked for.
      ask(i, events == 0 ? -1 : channel.fd(), events);
    }
    transfers.poll(askedMemory, count, timeoutMillis());
    for (int i = 1; i < count; i++) {
      Watched channel = watched.get(i - 1);
      // What came before it in this round may have closed it.
      if (asked.getShort(i * POLLFD_BYTES + POLLFD_READY) != 0 && channel.open()) {
        channel.ready();
      }
    }
  }

  /** Makes room for so many descriptors. */
  private void ask(int count) {
    askedMemory = transfers.map(count * POLLFD_BYTES);
    asked = askedMemory.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Asks for a descriptor's events, and takes the answer of before away. */
  private void ask(int index, int fd, short events) {
    asked.putLong(index * POLLFD_BYTES, ((long) events << Integer.SIZE) | (fd & 0xffff_ffffL));
  }

  private int timeoutMillis() {
    Timer next = timers.peek();
    if (next == null) {
      return -1;
    }
    long millis = (next.atNanos() - System.nanoTime()) / 1_000_000 + 1;
    return Math.clamp(millis, 0, Integer.MAX_VALUE);
  }

  private void runTimers() {
    while (true) {
      Timer next = timers.peek();
      if (next == null || next.atNanos() - System.nanoTime() > 0) {
        return;
      }
      timers.remove();
      next.task().run();
    }
  }

  /** False when closed. */
  private boolean runTasks() {
    while (true) {
      Runnable task;
      synchronized (tasks) {
        if (closed) {
          return false;
        }
        task = tasks.poll();
        if (task == null) {
          if (awake) {
            awake = false;
            descriptors.read(wake, new byte[COUNTER_BYTES], 0, COUNTER_BYTES);
          }
          return true;
        }
      }
      try {
        task.run();
      } catch (RuntimeException e) {
        System.err.println("io: " + e);
      }
    }
  }
}
