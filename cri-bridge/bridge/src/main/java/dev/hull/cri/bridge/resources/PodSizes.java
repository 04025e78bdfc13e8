package dev.hull.cri.bridge.resources;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.vm.MachineSize;
import java.util.Collection;

/**
 * Which machine fits the limits of a pod: its CPUs in whole ones, at most the host's, and its
 * memory with what kernel and agent need.
 */
public final class PodSizes {
  private static final long MIB = 1L << 20;
  private static final int MAX_VCPUS = 255;
  private static final MachineSize LEAST = new MachineSize(1, 128);

  private final SandboxDefaults defaults;

  public PodSizes(SandboxDefaults defaults) {
    this.defaults = defaults;
  }

  /** For a new pod: where it has no limit, what the settings say. */
  public MachineSize of(LinuxContainerResources limits, LinuxContainerResources overhead) {
    return size(limits, overhead, new MachineSize(defaults.vcpus(), defaults.memoryMib()));
  }

  /** For a pod that runs: where it has no limit, the least that a machine can have. */
  MachineSize atLeast(LinuxContainerResources limits, LinuxContainerResources overhead) {
    return size(limits, overhead, LEAST);
  }

  /** The limits of a pod whose containers have these. */
  static LinuxContainerResources sum(Collection<LinuxContainerResources> containers) {
    long millis = 0;
    long memory = 0;
    for (LinuxContainerResources container : containers) {
      millis += cpuMillis(container);
      memory += Math.min(container.getMemoryLimitInBytes(), Long.MAX_VALUE / 2048);
    }
    return LinuxContainerResources.newBuilder()
        .setCpuPeriod(1000)
        .setCpuQuota(millis)
        .setMemoryLimitInBytes(memory)
        .build();
  }

  private MachineSize size(
      LinuxContainerResources limits, LinuxContainerResources overhead, MachineSize unlimited) {
    long cpuMillis = cpuMillis(limits);
    long vcpus =
        cpuMillis == 0 ? unlimited.vcpus() : Math.ceilDiv(cpuMillis + cpuMillis(overhead), 1000);
    long limit = limits.getMemoryLimitInBytes();
    long memoryMib = unlimited.memoryMib();
    if (limit > 0) {
      long added =
          overhead.getMemoryLimitInBytes() > 0
              ? overhead.getMemoryLimitInBytes()
              : defaults.overheadMib() * MIB;
      memoryMib = Math.ceilDiv(Math.addExact(Math.min(limit, Long.MAX_VALUE / 2), added), MIB);
      if (memoryMib > Integer.MAX_VALUE) {
        throw Refusal.invalid(
            "a memory limit of %d bytes is more than a machine can have".formatted(limit));
      }
    }
    return new MachineSize(
        (int) Math.clamp(vcpus, 1L, (long) Math.min(defaults.hostCpus(), MAX_VCPUS)),
        (int) Math.max(memoryMib, LEAST.memoryMib()));
  }

  /** Thousandths of a CPU; 0 without a limit. */
  private static long cpuMillis(LinuxContainerResources resources) {
    if (resources.getCpuQuota() <= 0) {
      return 0;
    }
    long period = resources.getCpuPeriod() == 0 ? 100_000 : resources.getCpuPeriod();
    return Math.ceilDiv(Math.min(resources.getCpuQuota(), Long.MAX_VALUE / 1000) * 1000, period);
  }
}
