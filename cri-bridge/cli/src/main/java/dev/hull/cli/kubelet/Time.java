package dev.hull.cli.kubelet;

import java.time.Duration;

/** The clock, and waiting by it; a fake one makes tests quick. */
public interface Time {
  /** Milliseconds since some moment; never goes back. */
  long millis();

  void sleep(Duration duration) throws InterruptedException;

  /** The real one. */
  Time SYSTEM =
      new Time() {
        @Override
        public long millis() {
          return System.nanoTime() / 1_000_000;
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
          Thread.sleep(duration);
        }
      };
}
