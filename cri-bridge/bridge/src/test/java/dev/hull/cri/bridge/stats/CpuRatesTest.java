package dev.hull.cri.bridge.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class CpuRatesTest {
  private static final Instant BEGAN = Instant.parse("2026-01-02T03:04:05Z");
  private final CpuRates rates = new CpuRates();
  private final Object container = new Object();

  private long after(long seconds, double used) {
    return rates.nanoCores(
        container,
        BEGAN,
        BEGAN.plusSeconds(seconds),
        Duration.ofNanos((long) (used * 1_000_000_000)),
        2);
  }

  @Test
  void theFirstRateIsSinceItBegan() {
    assertThat(after(10, 5)).isEqualTo(500_000_000);
  }

  @Test
  void laterOnesAreSinceTheSampleBefore() {
    assertThat(after(10, 5)).isEqualTo(500_000_000);
    assertThat(after(20, 6)).isEqualTo(100_000_000);
    assertThat(after(30, 6)).isZero();
  }

  @Test
  void whoAsksAtTheSameTimeGetsTheSame() {
    assertThat(after(10, 5)).isEqualTo(500_000_000);
    assertThat(after(10, 5.1)).isEqualTo(500_000_000);
  }

  @Test
  void aGuestThatLiesGetsNoMoreThanItsMachine() {
    assertThat(after(10, 5000)).isEqualTo(2_000_000_000);
    assertThat(after(20, 1)).isZero();
  }
}
