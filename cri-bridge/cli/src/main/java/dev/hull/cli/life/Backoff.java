package dev.hull.cli.life;

import java.time.Duration;
import java.util.Optional;

/**
 * How long something that keeps failing is left alone: 10 s, 20 s, … 5 min after its first second
 * failure; all over again once it has done well for 10 min. The first failure has no consequence.
 */
final class Backoff {
  static final Duration FIRST = Duration.ofSeconds(10);
  static final Duration MOST = Duration.ofMinutes(5);
  private static final Duration FORGOTTEN = MOST.multipliedBy(2);

  private Duration delay = Duration.ZERO;
  private long since;

  /**
   * How long it is still to be left alone; zero if it may be tried.
   *
   * @param failedAt when it failed last, in milliseconds
   */
  Duration remaining(long failedAt, long now) {
    if (delay.isZero() || isForgotten(failedAt)) {
      return Duration.ZERO;
    }
    long left = failedAt + delay.toMillis() - now;
    return left > 0 ? Duration.ofMillis(left) : Duration.ZERO;
  }

  /** It is tried again now, having failed then: the next failure counts for more. */
  void tried(long failedAt, long now) {
    if (delay.isZero() || isForgotten(failedAt)) {
      delay = FIRST;
    } else {
      Duration twice = delay.multipliedBy(2);
      delay = twice.compareTo(MOST) > 0 ? MOST : twice;
    }
    since = now;
  }

  /** How long it is left alone after a failure now; empty before the first. */
  Optional<Duration> delay() {
    return delay.isZero() ? Optional.empty() : Optional.of(delay);
  }

  private boolean isForgotten(long failedAt) {
    return failedAt - since > FORGOTTEN.toMillis();
  }
}
