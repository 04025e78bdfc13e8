package dev.hull.tests.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What processes take of the host's memory, as the kernel counts it. */
final class HostMemory {
  private static final double KIB_PER_MIB = 1024;

  private HostMemory() {}

  /**
   * The proportional set size of the processes together: shared pages are divided among who shares
   * them.
   */
  static double pssMib(List<Long> pids) {
    return pids.stream().mapToDouble(pid -> field(pid, "smaps_rollup", "Pss:")).sum() / KIB_PER_MIB;
  }

  static double rssMib(long pid) {
    return field(pid, "status", "VmRSS:") / KIB_PER_MIB;
  }

  private static double field(long pid, String file, String name) {
    try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .findFirst()
          .map(line -> Double.parseDouble(line.replaceAll("\\D+", "")))
          .orElseThrow(() -> new IllegalStateException(file + " of " + pid + " has no " + name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
