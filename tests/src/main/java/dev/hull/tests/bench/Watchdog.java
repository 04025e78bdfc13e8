package dev.hull.tests.bench;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Ends a process that takes too long, so that whoever reads what it says reads to an end. */
final class Watchdog implements AutoCloseable {
  private final Thread thread;

  private Watchdog(Thread thread) {
    this.thread = thread;
  }

  static Watchdog over(Process process, Duration deadline) {
    return new Watchdog(Thread.ofVirtual().start(() -> watch(process, deadline)));
  }

  private static void watch(Process process, Duration deadline) {
    try {
      if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      // It is watched no longer.
    }
  }

  /** Watches no longer. */
  @Override
  public void close() {
    thread.interrupt();
  }
}
