package dev.hull.agent.process;

import dev.hull.agent.linux.LinuxException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/**
 * The one caller of wait: reaps every child, also the orphans that PID 1 inherits, and hands each
 * exit to the {@link Child} it belongs to. It has a thread of its own, because waiting blocks one.
 */
public final class Reaper implements AutoCloseable {
  private static final long STACK_BYTES = 128 * 1024;
  private static final long AFTER_FAILURE_NANOS = 100_000_000;

  private final ProcessCalls calls;
  private final Thread thread;
  private final Map<Integer, Child> children = new HashMap<>();

  /** Exits that came before somebody could claim them; kept while something is being started. */
  private final Map<Integer, Integer> unclaimed = new HashMap<>();

  private int starting;
  private long started;
  private boolean closed;

  /** Starts reaping. */
  public Reaper(ProcessCalls calls) {
    this.calls = calls;
    this.thread =
        Thread.ofPlatform()
            .name("reaper")
            .daemon()
            .stackSize(STACK_BYTES)
            .unstarted(this::reapForever);
    thread.start();
  }

  /**
   * Runs what starts processes. Exits that happen meanwhile are kept for {@link #claim}, which has
   * to be called before {@code start} returns.
   */
  public <T> T whileStarting(Callable<T> start) throws Exception {
    synchronized (this) {
      starting++;
    }
    try {
      return start.call();
    } finally {
      synchronized (this) {
        if (--starting == 0) {
          unclaimed.clear();
        }
      }
    }
  }

  /** Wakes the thread that had no children to wait for. */
  public synchronized void spawned() {
    started++;
    notifyAll();
  }

  /** The child of this pid, whose exit may have happened already. */
  public synchronized Child claim(int pid) {
    Child child = new Child(calls, pid);
    Integer status = unclaimed.remove(pid);
    if (status != null) {
      child.exited(status);
    } else {
      children.put(pid, child);
    }
    return child;
  }

  /** Ends reaping; children that still run are left alone. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }

  private void reapForever() {
    while (true) {
      long seen;
      synchronized (this) {
        if (closed) {
          return;
        }
        seen = started;
      }
      try {
        OptionalInt exited = calls.awaitExit();
        if (exited.isPresent()) {
          if (!reap(exited.getAsInt())) {
            return;
          }
        } else if (!awaitChildren(seen)) {
          return;
        }
      } catch (LinuxException e) {
        System.err.println("reaper: " + e.getMessage());
        pause();
      }
    }
  }

  /** False when closed; the exit is left to whoever comes next. */
  private boolean reap(int pid) {
    Child child;
    synchronized (this) {
      if (closed) {
        return false;
      }
      child = children.remove(pid);
      if (child == null) {
        int status = calls.reap(pid);
        if (starting > 0) {
          unclaimed.put(pid, status);
        }
        return true;
      }
    }
    child.reap();
    return true;
  }

  /** False when closed. */
  private synchronized boolean awaitChildren(long seen) {
    try {
      while (started == seen && !closed) {
        wait();
      }
      return !closed;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private static void pause() {
    LockSupport.parkNanos(AFTER_FAILURE_NANOS);
  }
}
