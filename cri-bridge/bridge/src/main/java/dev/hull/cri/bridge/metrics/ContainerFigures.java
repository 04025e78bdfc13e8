package dev.hull.cri.bridge.metrics;

import static dev.hull.cri.bridge.metrics.Figure.counter;
import static dev.hull.cri.bridge.metrics.Figure.counters;
import static dev.hull.cri.bridge.metrics.Figure.gauge;
import static dev.hull.cri.bridge.metrics.Figure.gauges;

import dev.hull.cri.bridge.metrics.Figure.Value;
import dev.hull.vm.MachineUsage;
import dev.hull.vm.MachineUsage.Pressure;
import dev.hull.vm.MachineUsage.Stall;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What is counted of a container. CRI has whole numbers only, so that seconds are whole ones. */
final class ContainerFigures {
  private static final List<String> DEVICE = List.of("device");

  /** What a container's root is, for metrics that cAdvisor has by device. */
  private static final String ROOT = "overlay";

  static final List<Figure<ContainerUse>> ALL =
      List.of(
          counter(
              "container_cpu_usage_seconds_total",
              "CPU time used.",
              use -> use.cpu().usage().toSeconds()),
          counter(
              "container_cpu_user_seconds_total",
              "CPU time used by programs.",
              use -> use.cpu().user().toSeconds()),
          counter(
              "container_cpu_system_seconds_total",
              "CPU time used by the kernel.",
              use -> use.cpu().system().toSeconds()),
          counter(
              "container_cpu_cfs_periods_total",
              "Periods of its CPU quota that have passed.",
              use -> use.cpu().periods()),
          counter(
              "container_cpu_cfs_throttled_periods_total",
              "Periods in which its CPU quota held it back.",
              use -> use.cpu().throttledPeriods()),
          counter(
              "container_cpu_cfs_throttled_seconds_total",
              "Time for which its CPU quota held it back.",
              use -> use.cpu().throttled().toSeconds()),
          gauge(
              "container_memory_usage_bytes",
              "Memory used, page cache included.",
              use -> use.memory().usageBytes()),
          gauge(
              "container_memory_working_set_bytes",
              "Memory used, without file pages that were not used lately.",
              use -> use.memory().workingSetBytes()),
          gauge(
              "container_memory_max_usage_bytes",
              "The most memory that was ever used.",
              use -> use.memory().maxUsageBytes()),
          gauge("container_memory_rss", "Anonymous memory.", use -> use.memory().anonBytes()),
          gauge("container_memory_cache", "Page cache.", use -> use.memory().fileBytes()),
          gauge(
              "container_memory_mapped_file",
              "Page cache that is mapped.",
              use -> use.memory().mappedFileBytes()),
          gauge(
              "container_memory_total_active_file_bytes",
              "Page cache that was used lately.",
              use -> use.memory().activeFileBytes()),
          gauge(
              "container_memory_total_inactive_file_bytes",
              "Page cache that was not used lately.",
              use -> use.memory().inactiveFileBytes()),
          gauge(
              "container_memory_kernel_usage",
              "Memory that the kernel holds for it.",
              use -> use.memory().kernelBytes()),
          gauge(
              "container_memory_swap",
              "Swap used; a machine has none.",
              use -> use.memory().swapBytes()),
          counter(
              "container_memory_failcnt",
              "How often its memory limit was hit.",
              use -> use.memory().limitHits()),
          counters(
              "container_memory_failures_total",
              "Page faults; those of cgroups below it are counted in both scopes.",
              List.of("failure_type", "scope"),
              ContainerFigures::faults),
          counter(
              "container_oom_events_total",
              "Processes killed for lack of memory.",
              use -> use.memory().oomKills()),
          gauge("container_processes", "Processes.", use -> use.tasks().processes()),
          gauge("container_threads", "Threads.", use -> use.tasks().threads()),
          gauge(
              "container_threads_max",
              "The most threads it may have; 0 for no limit.",
              use -> use.tasks().maxThreads().orElse(0)),
          gauge(
              "container_file_descriptors",
              "Open file descriptors.",
              use -> use.tasks().fileDescriptors()),
          gauge("container_sockets", "Open sockets.", use -> use.tasks().sockets()),
          gauges(
              "container_ulimits_soft",
              "Soft limits of its first process.",
              List.of("ulimit"),
              use ->
                  use.usage().maxOpenFiles().stream()
                      .mapToObj(limit -> new Value(limit, "max_open_files"))
                      .toList()),
          counters(
              "container_blkio_device_usage_total",
              "Bytes read from and written to devices of the machine.",
              List.of("device", "major", "minor", "operation"),
              ContainerFigures::devices),
          byDevice("container_fs_reads_bytes_total", "Bytes read.", MachineUsage.Device::readBytes),
          byDevice("container_fs_reads_total", "Reads.", MachineUsage.Device::reads),
          byDevice(
              "container_fs_writes_bytes_total",
              "Bytes written.",
              MachineUsage.Device::writtenBytes),
          byDevice("container_fs_writes_total", "Writes.", MachineUsage.Device::writes),
          gauges(
              "container_fs_usage_bytes",
              "Bytes that it wrote to its root.",
              DEVICE,
              use ->
                  use.usage().writableLayer().stream()
                      .map(layer -> new Value(layer.bytes(), ROOT))
                      .toList()),
          gauges(
              "container_fs_limit_bytes",
              "Bytes of the disk that the pod's containers write their roots to.",
              DEVICE,
              use -> disk(use, MachineUsage.Disk::totalBytes)),
          gauges(
              "container_fs_inodes_total",
              "Files that fit on that disk.",
              DEVICE,
              use -> disk(use, MachineUsage.Disk::inodes)),
          gauges(
              "container_fs_inodes_free",
              "Files that still fit on that disk.",
              DEVICE,
              use -> disk(use, MachineUsage.Disk::freeInodes)),
          gauges(
              "container_hugetlb_usage_bytes",
              "Huge pages used.",
              List.of("pagesize"),
              use -> hugePages(use, ContainerUse::hugePageBytes)),
          gauges(
              "container_hugetlb_max_usage_bytes",
              "The most huge pages that were used when this was asked.",
              List.of("pagesize"),
              use -> hugePages(use, ContainerUse::mostHugePageBytes)),
          stalled(
              "container_pressure_cpu_waiting_seconds_total",
              "Time in which some of its tasks waited for a CPU.",
              use -> use.counters().cpuPressure(),
              Pressure::some),
          stalled(
              "container_pressure_cpu_stalled_seconds_total",
              "Time in which all of its tasks waited for a CPU.",
              use -> use.counters().cpuPressure(),
              Pressure::full),
          stalled(
              "container_pressure_memory_waiting_seconds_total",
              "Time in which some of its tasks waited for memory.",
              use -> use.counters().memoryPressure(),
              Pressure::some),
          stalled(
              "container_pressure_memory_stalled_seconds_total",
              "Time in which all of its tasks waited for memory.",
              use -> use.counters().memoryPressure(),
              Pressure::full),
          stalled(
              "container_pressure_io_waiting_seconds_total",
              "Time in which some of its tasks waited for a device.",
              use -> use.counters().ioPressure(),
              Pressure::some),
          stalled(
              "container_pressure_io_stalled_seconds_total",
              "Time in which all of its tasks waited for a device.",
              use -> use.counters().ioPressure(),
              Pressure::full),
          gauge(
              "container_spec_cpu_period",
              "The period of its CPU quota, in microseconds.",
              ContainerUse::cpuPeriod),
          gauges(
              "container_spec_cpu_quota",
              "Its CPU quota in microseconds of each period; absent without one.",
              List.of(),
              use -> use.cpuQuota().stream().mapToObj(Value::new).toList()),
          gauge("container_spec_cpu_shares", "Its CPU shares.", ContainerUse::cpuShares),
          gauge(
              "container_spec_memory_limit_bytes",
              "Its memory limit; 0 for none.",
              ContainerUse::memoryLimit),
          gauge(
              "container_spec_memory_reservation_limit_bytes",
              "Memory that is kept for it (memory.min); 0 for none.",
              ContainerUse::memoryReservation),
          gauge(
              "container_spec_memory_swap_limit_bytes",
              "Its swap limit; a machine has no swap.",
              _ -> 0L),
          gauge(
              "container_start_time_seconds",
              "When it was started, in seconds since 1970.",
              use -> use.startedAt().getEpochSecond()),
          gauge(
              "container_last_seen",
              "When it was last seen, in seconds since 1970.",
              use -> use.at().getEpochSecond()));

  private ContainerFigures() {}

  private static List<Value> faults(ContainerUse use) {
    long faults = use.memory().pageFaults();
    long major = use.memory().majorPageFaults();
    return List.of(
        new Value(faults, "pgfault", "container"),
        new Value(major, "pgmajfault", "container"),
        new Value(faults, "pgfault", "hierarchy"),
        new Value(major, "pgmajfault", "hierarchy"));
  }

  private static List<Value> devices(ContainerUse use) {
    return use.counters().devices().stream()
        .flatMap(
            device ->
                List.of(
                    device(device, device.readBytes(), "Read"),
                    device(device, device.writtenBytes(), "Write"))
                    .stream())
        .toList();
  }

  private static Value device(MachineUsage.Device device, long bytes, String operation) {
    return new Value(
        bytes,
        path(device),
        Integer.toString(device.major()),
        Integer.toString(device.minor()),
        operation);
  }

  private static String path(MachineUsage.Device device) {
    return device.name().isEmpty() ? "" : "/dev/" + device.name();
  }

  private static Figure<ContainerUse> byDevice(
      String name, String help, Function<MachineUsage.Device, Long> count) {
    return counters(
        name,
        help,
        DEVICE,
        use ->
            use.counters().devices().stream()
                .map(device -> new Value(count.apply(device), path(device)))
                .toList());
  }

  private static List<Value> disk(ContainerUse use, Function<MachineUsage.Disk, Long> count) {
    return use.machine().scratchDisk().stream()
        .map(disk -> new Value(count.apply(disk), ROOT))
        .toList();
  }

  private static List<Value> hugePages(
      ContainerUse use, Function<ContainerUse, Map<String, Long>> bytes) {
    return bytes.apply(use).entrySet().stream()
        .map(pages -> new Value(pages.getValue(), pages.getKey()))
        .toList();
  }

  private static Figure<ContainerUse> stalled(
      String name,
      String help,
      Function<ContainerUse, Optional<Pressure>> pressure,
      Function<Pressure, Stall> kind) {
    return counters(
        name,
        help,
        List.of(),
        use ->
            pressure.apply(use).stream()
                .map(each -> new Value(kind.apply(each).total().toSeconds()))
                .toList());
  }
}
