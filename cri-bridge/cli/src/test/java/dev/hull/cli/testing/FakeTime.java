package dev.hull.cli.testing;

import dev.hull.cli.kubelet.Time;
import java.time.Duration;

/** Time passes only when somebody sleeps, and then at once. */
public final class FakeTime implements Time {
  private long millis;
  private Runnable onSleep = () -> {};

  @Override
  public synchronized long millis() {
    return millis;
  }

  @Override
  public void sleep(Duration duration) {
    Runnable action;
    synchronized (this) {
      millis += duration.toMillis();
      action = onSleep;
    }
    action.run();
  }

  /** Does something each time somebody waits. */
  public synchronized void onSleep(Runnable action) {
    onSleep = action;
  }
}
