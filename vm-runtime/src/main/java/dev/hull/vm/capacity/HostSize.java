package dev.hull.vm.capacity;

import dev.hull.vm.MachineSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the host has: its CPUs, and its memory in whole GiB. */
public final class HostSize {
  private static final Pattern TOTAL =
      Pattern.compile("^MemTotal:\\s+(\\d+) kB$", Pattern.MULTILINE);
  private static final int GIB = 1024;
  private static final int MOST_VCPUS = 255;

  private HostSize() {}

  public static MachineSize current() {
    return of(Runtime.getRuntime().availableProcessors(), Path.of("/proc/meminfo"));
  }

  /**
   * The kernel's total differs a little from boot to boot, and templates depend on it, so that it
   * is rounded down; below a GiB to what a machine has at least.
   *
   * @param meminfo as of proc_meminfo(5)
   */
  static MachineSize of(int cpus, Path meminfo) {
    try {
      Matcher found = TOTAL.matcher(Files.readString(meminfo));
      if (!found.find()) {
        throw new IllegalStateException(meminfo + " has no line MemTotal");
      }
      long gib = Long.parseLong(found.group(1)) / GIB / GIB;
      return new MachineSize(
          Math.min(cpus, MOST_VCPUS),
          (int) Math.clamp(gib * GIB, GIB / 2, (long) Integer.MAX_VALUE / GIB * GIB));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
