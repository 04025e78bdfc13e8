package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.vm.ContainerSpec.Resources;
import java.util.Optional;

/** CRI's limits, in terms of cgroup v1, as the values of cgroup v2 that the guest has. */
final class ResourceLimits {
  private static final String FIELD = "config.linux.resources.";
  private static final long DEFAULT_PERIOD = 100_000;

  private ResourceLimits() {}

  static Resources of(LinuxContainerResources asked) {
    if (asked.getCpuShares() < 0
        || asked.getCpuPeriod() < 0
        || asked.getCpuQuota() < -1
        || asked.getMemoryLimitInBytes() < 0) {
      throw Refusal.invalid(FIELD + "must not have negative limits (only cpu_quota may be -1)");
    }
    boolean limited = asked.getCpuQuota() > 0;
    return new Resources(
        asked.getCpuShares() == 0 ? Optional.empty() : Optional.of(weight(asked.getCpuShares())),
        limited ? Optional.of(asked.getCpuQuota()) : Optional.empty(),
        limited
            ? Optional.of(asked.getCpuPeriod() == 0 ? DEFAULT_PERIOD : asked.getCpuPeriod())
            : Optional.empty(),
        Optional.empty(),
        asked.getMemoryLimitInBytes() == 0
            ? Optional.empty()
            : Optional.of(asked.getMemoryLimitInBytes()),
        UnifiedLimits.of(asked.getUnifiedMap()));
  }

  static int oomScoreAdj(LinuxContainerResources asked) {
    long value = asked.getOomScoreAdj();
    if (value < -1000 || value > 1000) {
      throw Refusal.invalid(FIELD + "oom_score_adj must be from -1000 to 1000: " + value);
    }
    return (int) value;
  }

  /**
   * {@code cpu.weight} (1 to 10000) for {@code cpu.shares} (2 to 262144): the curve through (2, 1),
   * (1024, 100) and (262144, 10000) that OCI runtimes use, so that the defaults of both mean the
   * same.
   */
  static int weight(long shares) {
    if (shares <= 2) {
      return 1;
    }
    if (shares >= 262_144) {
      return 10_000;
    }
    double log = Math.log((double) shares) / Math.log(2);
    double exponent = (log * log + 125 * log) / 612.0 - 7.0 / 34.0;
    // A rounding error must not lift the 100 of 1024 shares to 101.
    return (int) Math.ceil(Math.pow(10, exponent) - 1e-9);
  }
}
