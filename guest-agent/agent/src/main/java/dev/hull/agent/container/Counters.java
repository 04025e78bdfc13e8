package dev.hull.agent.container;

import dev.hull.guest.v1.ContainerStats;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;

/** Reads what a container uses. */
final class Counters {
  private final InstantSource clock;

  Counters(InstantSource clock) {
    this.clock = clock;
  }

  ContainerStats count(String id, Cgroup cgroup, Path writableLayer) {
    Instant now = clock.instant();
    long memory = cgroup.value("memory.current").orElse(0);
    long inactive = cgroup.value("memory.stat", "inactive_file").orElse(0);
    FileTrees.Usage layer = usage(writableLayer);
    return ContainerStats.newBuilder()
        .setContainerId(id)
        .setTimeUnixNanos(now.getEpochSecond() * 1_000_000_000L + now.getNano())
        .setCpuUsageMicros(cgroup.value("cpu.stat", "usage_usec").orElse(0))
        .setMemoryCurrentBytes(memory)
        .setMemoryWorkingSetBytes(Math.max(0, memory - inactive))
        .setPidsCurrent(cgroup.value("pids.current").orElse(0))
        .setOomKills(cgroup.oomKills())
        .setWritableLayerBytes(layer.bytes())
        .setWritableLayerInodes(layer.inodes())
        .build();
  }

  private static FileTrees.Usage usage(Path writableLayer) {
    try {
      return FileTrees.usage(writableLayer);
    } catch (IOException e) {
      // The container is being removed.
      return new FileTrees.Usage(0, 0);
    }
  }
}
