package dev.hull.agent.stats;

import dev.hull.guest.v1.CgroupStats;
import dev.hull.guest.v1.CpuStats;
import dev.hull.guest.v1.DeviceStats;
import dev.hull.guest.v1.HugePageStats;
import dev.hull.guest.v1.MemoryStats;
import dev.hull.guest.v1.PressureStats;
import dev.hull.guest.v1.StallStats;
import dev.hull.guest.v1.TaskStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a cgroup's files (Linux: Documentation/admin-guide/cgroup-v2.rst). */
final class CgroupCounters {
  private static final int MAX_DEVICES = 256;
  private static final int MAX_PAGE_SIZES = 8;
  private static final Pattern HUGE_PAGES = Pattern.compile("hugetlb\\.([0-9]+[KMG]B)\\.current");

  private final Path proc;
  private final Path devices;

  CgroupCounters(Path proc, Path sys) {
    this.proc = proc;
    this.devices = sys.resolve("dev/block");
  }

  CgroupStats count(Path cgroup) {
    CgroupStats.Builder stats =
        CgroupStats.newBuilder()
            .setCpu(cpu(cgroup))
            .setMemory(memory(cgroup))
            .setTasks(tasks(cgroup))
            .addAllDevices(devices(cgroup))
            .addAllHugePages(hugePages(cgroup));
    pressure(cgroup.resolve("cpu.pressure")).ifPresent(stats::setCpuPressure);
    pressure(cgroup.resolve("memory.pressure")).ifPresent(stats::setMemoryPressure);
    pressure(cgroup.resolve("io.pressure")).ifPresent(stats::setIoPressure);
    return stats.build();
  }

  private static CpuStats cpu(Path cgroup) {
    Map<String, Long> stat = KernelFile.numbers(cgroup.resolve("cpu.stat"));
    return CpuStats.newBuilder()
        .setUsageMicros(stat.getOrDefault("usage_usec", 0L))
        .setUserMicros(stat.getOrDefault("user_usec", 0L))
        .setSystemMicros(stat.getOrDefault("system_usec", 0L))
        .setPeriods(stat.getOrDefault("nr_periods", 0L))
        .setThrottledPeriods(stat.getOrDefault("nr_throttled", 0L))
        .setThrottledMicros(stat.getOrDefault("throttled_usec", 0L))
        .build();
  }

  private static MemoryStats memory(Path cgroup) {
    Map<String, Long> stat = KernelFile.numbers(cgroup.resolve("memory.stat"));
    Map<String, Long> events = KernelFile.numbers(cgroup.resolve("memory.events"));
    return MemoryStats.newBuilder()
        .setCurrentBytes(KernelFile.number(cgroup.resolve("memory.current")))
        .setMaxUsageBytes(KernelFile.number(cgroup.resolve("memory.peak")))
        .setAnonBytes(stat.getOrDefault("anon", 0L))
        .setFileBytes(stat.getOrDefault("file", 0L))
        .setMappedFileBytes(stat.getOrDefault("file_mapped", 0L))
        .setActiveFileBytes(stat.getOrDefault("active_file", 0L))
        .setInactiveFileBytes(stat.getOrDefault("inactive_file", 0L))
        .setKernelBytes(stat.getOrDefault("kernel", 0L))
        .setSwapBytes(KernelFile.number(cgroup.resolve("memory.swap.current")))
        .setPageFaults(stat.getOrDefault("pgfault", 0L))
        .setMajorPageFaults(stat.getOrDefault("pgmajfault", 0L))
        .setLimitHits(events.getOrDefault("max", 0L))
        .setOomKills(events.getOrDefault("oom_kill", 0L))
        .build();
  }

  private TaskStats tasks(Path cgroup) {
    Tasks tasks = Tasks.of(cgroup, proc);
    return TaskStats.newBuilder()
        .setProcesses(tasks.processes())
        .setThreads(KernelFile.number(cgroup.resolve("pids.current")))
        .setMaxThreads(KernelFile.number(cgroup.resolve("pids.max")))
        .setFileDescriptors(tasks.descriptors())
        .setSockets(tasks.sockets())
        .build();
  }

  private List<DeviceStats> devices(Path cgroup) {
    List<DeviceStats> all = new ArrayList<>();
    for (String line : KernelFile.lines(cgroup.resolve("io.stat"))) {
      String[] number = line.split(" ", 2)[0].split(":", -1);
      Map<String, String> counts = KernelFile.pairs(line);
      if (number.length == 2 && counts.containsKey("rbytes") && all.size() < MAX_DEVICES) {
        all.add(
            DeviceStats.newBuilder()
                .setMajor((int) KernelFile.number(number[0]))
                .setMinor((int) KernelFile.number(number[1]))
                .setName(name(number[0] + ":" + number[1]))
                .setReadBytes(KernelFile.number(counts.getOrDefault("rbytes", "")))
                .setWrittenBytes(KernelFile.number(counts.getOrDefault("wbytes", "")))
                .setReads(KernelFile.number(counts.getOrDefault("rios", "")))
                .setWrites(KernelFile.number(counts.getOrDefault("wios", "")))
                .build());
      }
    }
    return all;
  }

  /** Where the kernel's link leads: {@code ../../block/sdb}. */
  private String name(String number) {
    try {
      Path name = Files.readSymbolicLink(devices.resolve(number)).getFileName();
      return name == null ? "" : name.toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static Optional<PressureStats> pressure(Path file) {
    List<String> lines = KernelFile.lines(file);
    if (lines.isEmpty()) {
      return Optional.empty();
    }
    PressureStats.Builder pressure = PressureStats.newBuilder();
    for (String line : lines) {
      if (line.startsWith("some ")) {
        pressure.setSome(stall(line));
      } else if (line.startsWith("full ")) {
        pressure.setFull(stall(line));
      }
    }
    return Optional.of(pressure.build());
  }

  private static StallStats stall(String line) {
    Map<String, String> pairs = KernelFile.pairs(line);
    return StallStats.newBuilder()
        .setTotalMicros(KernelFile.number(pairs.getOrDefault("total", "")))
        .setAverage10S(KernelFile.decimal(pairs.getOrDefault("avg10", "")))
        .setAverage60S(KernelFile.decimal(pairs.getOrDefault("avg60", "")))
        .setAverage300S(KernelFile.decimal(pairs.getOrDefault("avg300", "")))
        .build();
  }

  private static List<HugePageStats> hugePages(Path cgroup) {
    List<HugePageStats> sizes = new ArrayList<>();
    for (Path file : KernelFile.entries(cgroup)) {
      Matcher name = HUGE_PAGES.matcher(String.valueOf(file.getFileName()));
      if (name.matches() && sizes.size() < MAX_PAGE_SIZES) {
        sizes.add(
            HugePageStats.newBuilder()
                .setPageSize(name.group(1))
                .setCurrentBytes(KernelFile.number(file))
                .build());
      }
    }
    return sizes;
  }
}
