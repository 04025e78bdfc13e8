package dev.hull.cri.bridge.resources;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.vm.ContainerSpec.Resources;
import java.util.Optional;

/** CRI's limits, in terms of cgroup v1, as the values of cgroup v2 that the guest has. */
public final class ResourceLimits {
  private static final long DEFAULT_PERIOD = 100_000;

  private ResourceLimits() {}

  /**
   * Of those that have been {@linkplain ResourceFields checked}.
   *
   * @param at the path of these resources, with a dot at its end
   */
  public static Resources of(String at, LinuxContainerResources asked) {
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
        UnifiedLimits.of(at + "unified", asked.getUnifiedMap()));
  }

  public static int oomScoreAdj(String at, LinuxContainerResources asked) {
    long value = asked.getOomScoreAdj();
    if (value < -1000 || value > 1000) {
      throw Refusal.invalid(at + "oom_score_adj must be from -1000 to 1000: " + value);
    }
    return (int) value;
  }

  /**
   * {@code cpu.weight} (1 to 10000) for {@code cpu.shares} (2 to 262144): the curve through (2, 1),
   * (1024, 100) and (262144, 10000) that OCI runtimes use, so that the defaults of both mean the
   * same.
   */
  public static int weight(long shares) {
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
