package dev.hull.vm;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a machine's guest counts. The guest may lie about itself, but every number is at least 0,
 * and everything that could be many is bounded.
 *
 * @param at when the answer came, by the host's clock
 * @param pod all containers together
 * @param memoryTotalBytes of the whole guest, kernel and agent included
 * @param interfaces those that the pod sees, without {@code lo}
 * @param scratchDisk that of the writable layers; empty if there is none
 * @param containers by id
 */
public record MachineUsage(
    Instant at,
    Counters pod,
    long memoryTotalBytes,
    long memoryAvailableBytes,
    List<Interface> interfaces,
    Optional<Disk> scratchDisk,
    Map<String, Container> containers) {

  public MachineUsage {
    interfaces = List.copyOf(interfaces);
    containers = Map.copyOf(containers);
  }

  /**
   * One container.
   *
   * @param writableLayer empty while it is measured for the first time
   * @param maxOpenFiles the soft limit of its first process; empty unless it runs
   */
  public record Container(
      Counters counters, Optional<Layer> writableLayer, OptionalLong maxOpenFiles) {}

  /** Of a cgroup with all that is below it; pressures are empty where the kernel has none. */
  public record Counters(
      Cpu cpu,
      Memory memory,
      Tasks tasks,
      List<Device> devices,
      Optional<Pressure> cpuPressure,
      Optional<Pressure> memoryPressure,
      Optional<Pressure> ioPressure,
      Map<String, Long> hugePageBytes) {
    public static final Counters NONE =
        new Counters(
            new Cpu(Duration.ZERO, Duration.ZERO, Duration.ZERO, 0, 0, Duration.ZERO),
            new Memory(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
            new Tasks(0, 0, OptionalLong.empty(), 0, 0),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of());

    public Counters {
      devices = List.copyOf(devices);
      hugePageBytes = Map.copyOf(hugePageBytes);
    }
  }

  /** CPU time, and how it was held back by its quota. */
  public record Cpu(
      Duration usage,
      Duration user,
      Duration system,
      long periods,
      long throttledPeriods,
      Duration throttled) {}

  /**
   * Bytes now, and counts since the container was made.
   *
   * @param limitHits how often the limit was hit
   * @param oomKills how many processes were killed for lack of memory
   */
  public record Memory(
      long usageBytes,
      long maxUsageBytes,
      long anonBytes,
      long fileBytes,
      long mappedFileBytes,
      long activeFileBytes,
      long inactiveFileBytes,
      long kernelBytes,
      long swapBytes,
      long pageFaults,
      long majorPageFaults,
      long limitHits,
      long oomKills) {
    /** What cannot be had back at once: usage without the file pages that were not used lately. */
    public long workingSetBytes() {
      return Math.max(0, usageBytes - inactiveFileBytes);
    }
  }

  /** {@code maxThreads} is empty without a limit. */
  public record Tasks(
      long processes, long threads, OptionalLong maxThreads, long fileDescriptors, long sockets) {}

  /** A block device; {@code name} as in {@code sdb}, empty if it is gone. */
  public record Device(
      int major,
      int minor,
      String name,
      long readBytes,
      long writtenBytes,
      long reads,
      long writes) {}

  /** Time in which some tasks, or all of them, stood still for want of something. */
  public record Pressure(Stall some, Stall full) {}

  /** All in all, and in percent of the last 10, 60 and 300 seconds. */
  public record Stall(Duration total, double average10s, double average60s, double average300s) {}

  /** Measured at {@code at}: bytes in blocks that are there, and files. */
  public record Layer(Instant at, long bytes, long inodes) {}

  /** A network interface of the guest. */
  public record Interface(String name, Traffic received, Traffic sent) {}

  /** In one direction. */
  public record Traffic(long bytes, long packets, long errors, long drops) {}

  /** A file system. */
  public record Disk(long totalBytes, long availableBytes, long inodes, long freeInodes) {}
}
