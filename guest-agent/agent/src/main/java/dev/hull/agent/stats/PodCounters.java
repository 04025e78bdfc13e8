package dev.hull.agent.stats;

import dev.hull.agent.users.PodNetwork;
import dev.hull.guest.v1.InterfaceStats;
import dev.hull.guest.v1.PodStats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is counted of the pod as a whole. */
final class PodCounters {
  private static final int MAX_INTERFACES = 64;
  private static final int NET_DEV_COLUMNS = 16;
  private static final long KIB = 1024;

  private final CgroupCounters cgroups;
  private final Path cgroup;
  private final Path scratch;
  private final FileSystems files;
  private final PodNetwork network;
  private final Path proc;

  PodCounters(
      CgroupCounters cgroups,
      Path cgroup,
      Path scratch,
      FileSystems files,
      PodNetwork network,
      Path proc) {
    this.cgroups = cgroups;
    this.cgroup = cgroup;
    this.scratch = scratch;
    this.files = files;
    this.network = network;
    this.proc = proc;
  }

  PodStats count() {
    Map<String, Long> memory = KernelFile.numbers(proc.resolve("meminfo"));
    PodStats.Builder stats =
        PodStats.newBuilder()
            .setCgroup(cgroups.count(cgroup))
            .setMemoryTotalBytes(memory.getOrDefault("MemTotal:", 0L) * KIB)
            .setMemoryAvailableBytes(memory.getOrDefault("MemAvailable:", 0L) * KIB)
            .addAllInterfaces(interfaces());
    files.space(scratch).ifPresent(stats::setScratchDisk);
    return stats.build();
  }

  private List<String> lines() {
    try {
      return network.within(() -> KernelFile.lines(proc.resolve("thread-self/net/dev")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lines as {@code eth0: 1 2 3 …}: eight columns received, eight sent (proc_pid_net(5)). */
  private List<InterfaceStats> interfaces() {
    List<InterfaceStats> all = new ArrayList<>();
    for (String line : lines()) {
      int colon = line.indexOf(':');
      if (colon < 0 || all.size() >= MAX_INTERFACES) {
        continue;
      }
      String name = line.substring(0, colon).strip();
      String[] words = line.substring(colon + 1).strip().split("\\s+", -1);
      if (!name.equals("lo") && words.length >= NET_DEV_COLUMNS) {
        all.add(
            InterfaceStats.newBuilder()
                .setName(name)
                .setReceivedBytes(KernelFile.number(words[0]))
                .setReceivedPackets(KernelFile.number(words[1]))
                .setReceiveErrors(KernelFile.number(words[2]))
                .setReceiveDrops(KernelFile.number(words[3]))
                .setSentBytes(KernelFile.number(words[8]))
                .setSentPackets(KernelFile.number(words[9]))
                .setSendErrors(KernelFile.number(words[10]))
                .setSendDrops(KernelFile.number(words[11]))
                .build());
      }
    }
    return all;
  }
}
