package dev.hull.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cri.host.Bench;
import dev.hull.cri.host.Benches;
import dev.hull.cri.host.HostException;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

final class HullBenchesTest {
  private final Benches benches = ServiceLoader.load(Benches.class).findFirst().orElseThrow();

  @Test
  void theCommandFindsThemByTheirNames() {
    assertThat(benches.all())
        .extracting(Bench::name)
        .containsExactly(
            "start", "memory", "density", "churn", "exec", "cli", "logs", "stream", "pull", "soak");
  }

  @Test
  void everyRecordedBoundCanBeRead() throws HostException {
    assertThat(benches.bounds())
        .isNotEmpty()
        .allSatisfy(bound -> assertThat(bound.most()).isPositive())
        .extracting(Benches.Bound::figure)
        .doesNotHaveDuplicates();
  }
}
