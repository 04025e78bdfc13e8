package dev.hull.cri.bridge.metrics;

import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.vm.ContainerSpec;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.MachineUsage;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A container, what it may use and what it uses.
 *
 * @param mostHugePageBytes the most that was ever seen, by size of page
 */
record ContainerUse(
    Container container,
    MachineUsage machine,
    MachineUsage.Container usage,
    Map<String, Long> mostHugePageBytes) {
  private static final long DEFAULT_PERIOD_MICROS = 100_000;

  /** The kernel's own, of cgroup v1. */
  private static final long DEFAULT_SHARES = 1024;

  MachineUsage.Counters counters() {
    return usage.counters();
  }

  MachineUsage.Cpu cpu() {
    return counters().cpu();
  }

  MachineUsage.Memory memory() {
    return counters().memory();
  }

  MachineUsage.Tasks tasks() {
    return counters().tasks();
  }

  Map<String, Long> hugePageBytes() {
    return counters().hugePageBytes();
  }

  Instant at() {
    return machine.at();
  }

  Instant startedAt() {
    return switch (container.state()) {
      case State.Created _ -> Instant.EPOCH;
      case State.Running running -> running.startedAt();
      case State.Exited exited -> exited.startedAt();
    };
  }

  private ContainerSpec.Resources limits() {
    return container.guest().spec().resources();
  }

  private LinuxContainerResources asked() {
    return container.config().getLinux().getResources();
  }

  long cpuPeriod() {
    return limits().cpuPeriodMicros().orElse(DEFAULT_PERIOD_MICROS);
  }

  OptionalLong cpuQuota() {
    return limits().cpuQuotaMicros().stream().mapToLong(Long::longValue).findFirst();
  }

  long cpuShares() {
    return asked().getCpuShares() == 0 ? DEFAULT_SHARES : asked().getCpuShares();
  }

  long memoryLimit() {
    return limits().memoryMaxBytes().orElse(0L);
  }

  long memoryReservation() {
    String kept = limits().unified().getOrDefault("memory.min", "0");
    return kept.equals("max") ? machine.memoryTotalBytes() : Long.parseLong(kept);
  }
}
