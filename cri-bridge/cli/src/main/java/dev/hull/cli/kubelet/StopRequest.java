package dev.hull.cli.kubelet;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Whether the run is to end early. Asked between any two steps; signalled from any thread. */
public final class StopRequest {
  private record Signal(String name, int number) {}

  private final Time time;
  private final Optional<Duration> timeout;
  private final long began;
  private final AtomicReference<@Nullable Signal> signal = new AtomicReference<>();

  /**
   * Begins to count.
   *
   * @param timeout of the whole run; empty for none
   */
  public StopRequest(Time time, Optional<Duration> timeout) {
    this.time = time;
    this.timeout = timeout;
    this.began = time.millis();
  }

  /** Remembers the first signal; false if there was one before. */
  public boolean signalled(String name, int number) {
    return signal.compareAndSet(null, new Signal(name, number));
  }

  /** Returns if the run may go on. */
  public void check() throws StopException {
    Signal received = signal.get();
    if (received != null) {
      throw new StopException("stopped by " + received.name(), 128 + received.number());
    }
    if (timeout.isPresent() && time.millis() - began >= timeout.get().toMillis()) {
      throw new StopException("the pod has not finished within " + text(timeout.get()), 124);
    }
  }

  private static String text(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }
}
