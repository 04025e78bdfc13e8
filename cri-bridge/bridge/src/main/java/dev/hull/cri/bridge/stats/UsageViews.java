package dev.hull.cri.bridge.stats;

import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.ContainerAttributes;
import dev.hull.cri.v1.ContainerStats;
import dev.hull.cri.v1.CpuUsage;
import dev.hull.cri.v1.FilesystemIdentifier;
import dev.hull.cri.v1.FilesystemUsage;
import dev.hull.cri.v1.IoUsage;
import dev.hull.cri.v1.LinuxPodSandboxStats;
import dev.hull.cri.v1.MemoryUsage;
import dev.hull.cri.v1.NetworkInterfaceUsage;
import dev.hull.cri.v1.NetworkUsage;
import dev.hull.cri.v1.PodSandboxAttributes;
import dev.hull.cri.v1.PodSandboxStats;
import dev.hull.cri.v1.ProcessUsage;
import dev.hull.cri.v1.PsiData;
import dev.hull.cri.v1.PsiStats;
import dev.hull.cri.v1.SwapUsage;
import dev.hull.cri.v1.UInt64Value;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.MachineUsage;
import dev.hull.vm.MachineUsage.Counters;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** What is used, as CRI shows it. */
public final class UsageViews {
  private static final String DEFAULT_INTERFACE = "eth0";
  private static final long NANOS = 1_000_000_000;

  private final CpuRates rates;
  private final Path writableLayers;

  /**
   * @param writableLayers a folder of the file system that the writable layers are on, in files of
   *     the machines
   */
  public UsageViews(CpuRates rates, Path writableLayers) {
    this.rates = rates;
    this.writableLayers = writableLayers;
  }

  /** Empty if its guest does not know it. */
  Optional<ContainerStats> container(Container container, MachineUsage machine) {
    return Optional.ofNullable(machine.containers().get(container.id()))
        .map(usage -> container(container, machine.at(), usage));
  }

  private ContainerStats container(Container container, Instant at, MachineUsage.Container usage) {
    Counters counters = usage.counters();
    ContainerStats.Builder stats =
        ContainerStats.newBuilder()
            .setAttributes(
                ContainerAttributes.newBuilder()
                    .setId(container.id())
                    .setMetadata(container.config().getMetadata())
                    .putAllLabels(container.config().getLabelsMap())
                    .putAllAnnotations(container.config().getAnnotationsMap()))
            .setCpu(
                cpu(
                    container,
                    container.sandbox(),
                    container.facts().createdAtNanos(),
                    at,
                    counters))
            .setMemory(memory(at, counters, available(container, counters.memory())))
            // The guest has no swap.
            .setSwap(
                SwapUsage.newBuilder()
                    .setTimestamp(nanos(at))
                    .setSwapAvailableBytes(number(0))
                    .setSwapUsageBytes(number(counters.memory().swapBytes())));
    io(at, counters).ifPresent(stats::setIo);
    usage.writableLayer().ifPresent(layer -> stats.setWritableLayer(layer(layer)));
    return stats.build();
  }

  private FilesystemUsage layer(MachineUsage.Layer layer) {
    return FilesystemUsage.newBuilder()
        .setTimestamp(nanos(layer.at()))
        .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(writableLayers.toString()))
        .setUsedBytes(number(layer.bytes()))
        .setInodesUsed(number(layer.inodes()))
        .build();
  }

  /** What is left to its limit; empty without one. */
  private static Optional<Long> available(Container container, MachineUsage.Memory memory) {
    return container
        .guest()
        .spec()
        .resources()
        .memoryMaxBytes()
        .map(limit -> Math.max(0, limit - memory.workingSetBytes()));
  }

  PodSandboxStats sandbox(Sandbox sandbox, List<Container> containers, MachineUsage usage) {
    Counters pod = usage.pod();
    LinuxPodSandboxStats.Builder linux =
        LinuxPodSandboxStats.newBuilder()
            .setCpu(cpu(sandbox, sandbox, sandbox.createdAtNanos(), usage.at(), pod))
            .setMemory(memory(usage.at(), pod, Optional.of(usage.memoryAvailableBytes())))
            .setNetwork(network(usage))
            .setProcess(
                ProcessUsage.newBuilder()
                    .setTimestamp(nanos(usage.at()))
                    .setProcessCount(number(pod.tasks().processes())));
    io(usage.at(), pod).ifPresent(linux::setIo);
    containers.stream()
        .filter(UsageViews::runs)
        .forEach(container -> container(container, usage).ifPresent(linux::addContainers));
    return PodSandboxStats.newBuilder()
        .setAttributes(
            PodSandboxAttributes.newBuilder()
                .setId(sandbox.id())
                .setMetadata(sandbox.config().getMetadata())
                .putAllLabels(sandbox.config().getLabelsMap())
                .putAllAnnotations(sandbox.config().getAnnotationsMap()))
        .setLinux(linux)
        .build();
  }

  static boolean runs(Container container) {
    return container.state() instanceof State.Running;
  }

  private CpuUsage cpu(Object of, Sandbox sandbox, long beganNanos, Instant at, Counters counters) {
    CpuUsage.Builder cpu =
        CpuUsage.newBuilder()
            .setTimestamp(nanos(at))
            .setUsageCoreNanoSeconds(number(counters.cpu().usage().toNanos()))
            .setUsageNanoCores(
                number(
                    rates.nanoCores(
                        of,
                        Instant.ofEpochSecond(beganNanos / NANOS, beganNanos % NANOS),
                        at,
                        counters.cpu().usage(),
                        sandbox.machine().size().vcpus())));
    counters.cpuPressure().map(UsageViews::pressure).ifPresent(cpu::setPsi);
    return cpu.build();
  }

  private static MemoryUsage memory(Instant at, Counters counters, Optional<Long> available) {
    MachineUsage.Memory counted = counters.memory();
    MemoryUsage.Builder memory =
        MemoryUsage.newBuilder()
            .setTimestamp(nanos(at))
            .setUsageBytes(number(counted.usageBytes()))
            .setWorkingSetBytes(number(counted.workingSetBytes()))
            .setRssBytes(number(counted.anonBytes()))
            .setPageFaults(number(counted.pageFaults()))
            .setMajorPageFaults(number(counted.majorPageFaults()));
    available.ifPresent(bytes -> memory.setAvailableBytes(number(bytes)));
    counters.memoryPressure().map(UsageViews::pressure).ifPresent(memory::setPsi);
    return memory.build();
  }

  private static Optional<IoUsage> io(Instant at, Counters counters) {
    return counters
        .ioPressure()
        .map(
            stalls ->
                IoUsage.newBuilder().setTimestamp(nanos(at)).setPsi(pressure(stalls)).build());
  }

  private static NetworkUsage network(MachineUsage usage) {
    NetworkUsage.Builder network = NetworkUsage.newBuilder().setTimestamp(nanos(usage.at()));
    for (MachineUsage.Interface each : usage.interfaces()) {
      NetworkInterfaceUsage view =
          NetworkInterfaceUsage.newBuilder()
              .setName(each.name())
              .setRxBytes(number(each.received().bytes()))
              .setRxErrors(number(each.received().errors()))
              .setTxBytes(number(each.sent().bytes()))
              .setTxErrors(number(each.sent().errors()))
              .build();
      if (each.name().equals(DEFAULT_INTERFACE)) {
        network.setDefaultInterface(view);
      } else {
        network.addInterfaces(view);
      }
    }
    return network.build();
  }

  private static PsiStats pressure(MachineUsage.Pressure pressure) {
    return PsiStats.newBuilder()
        .setSome(stall(pressure.some()))
        .setFull(stall(pressure.full()))
        .build();
  }

  private static PsiData stall(MachineUsage.Stall stall) {
    return PsiData.newBuilder()
        .setTotal(stall.total().toNanos())
        .setAvg10(stall.average10s())
        .setAvg60(stall.average60s())
        .setAvg300(stall.average300s())
        .build();
  }

  private static UInt64Value number(long value) {
    return UInt64Value.newBuilder().setValue(value).build();
  }

  private static long nanos(Instant instant) {
    return ChronoUnit.NANOS.between(Instant.EPOCH, instant);
  }
}
