package dev.hull.cli.life;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class BackoffTest {
  private final Backoff backoff = new Backoff();

  @Test
  void theFirstFailureIsTriedAgainAtOnceAndThenTheDelayDoublesUpToFiveMinutes() {
    long now = 0;
    long[] seconds = {0, 10, 20, 40, 80, 160, 300, 300};
    for (long expected : seconds) {
      Duration left = backoff.remaining(now, now);
      assertThat(left).isEqualTo(Duration.ofSeconds(expected));
      now += left.toMillis();
      backoff.tried(now - left.toMillis(), now);
    }
  }

  @Test
  void theDelayCountsFromTheFailure() {
    backoff.tried(0, 0);
    assertThat(backoff.remaining(1_000, 4_000)).isEqualTo(Duration.ofSeconds(7));
    assertThat(backoff.remaining(1_000, 11_000)).isZero();
  }

  @Test
  void tenGoodMinutesAreForgiven() {
    backoff.tried(0, 0);
    backoff.tried(1_000, 11_000);
    long later = 11_000 + Duration.ofMinutes(10).toMillis() + 1;
    assertThat(backoff.remaining(later, later)).isZero();
    backoff.tried(later, later);
    assertThat(backoff.remaining(later, later)).isEqualTo(Backoff.FIRST);
  }
}
