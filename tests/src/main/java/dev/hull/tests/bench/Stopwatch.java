package dev.hull.tests.bench;

import java.time.Duration;

/** Time since it was made. */
final class Stopwatch {
  private static final double NANOS_PER_SECOND = 1e9;

  private final long began = System.nanoTime();

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - began);
  }

  double seconds() {
    return seconds(elapsed());
  }

  static double seconds(Duration duration) {
    return duration.toNanos() / NANOS_PER_SECOND;
  }
}
