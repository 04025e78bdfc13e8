package dev.hull.cli.kubelet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/** What happened when, measured from the beginning of the run. */
public final class Timeline {
  /** The step that the daemon tells more about. */
  public static final String SANDBOX = "pod sandbox";

  private final Time time;
  private final long origin;
  private final List<Step> steps = new ArrayList<>();

  public Timeline(Time time) {
    this.time = time;
    this.origin = time.millis();
  }

  /** {@code beganMillis} counts from the beginning of the run. */
  public record Step(String name, long beganMillis, long tookMillis) {}

  /** Does something, and notes how long it took if it succeeded. */
  public <T> T measure(String name, Supplier<T> body) {
    long began = time.millis();
    T result = body.get();
    took(name, began);
    return result;
  }

  /** Notes something that began at {@code began}, by the run's clock, and ends now. */
  public void took(String name, long began) {
    add(new Step(name, began - origin, time.millis() - began));
  }

  public synchronized void add(Step step) {
    steps.add(step);
  }

  /** In the order in which they began. */
  public synchronized List<Step> steps() {
    return steps.stream().sorted(Comparator.comparingLong(Step::beganMillis)).toList();
  }
}
