package dev.hull.agent.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the kernel tells about the machine in /proc and /sys. */
public final class SystemFacts {
  private final Path proc;

  /**
   * @param proc {@code /proc}
   */
  public SystemFacts(Path proc) {
    this.proc = proc;
  }

  String kernelRelease() throws IOException {
    return Files.readString(proc.resolve("sys/kernel/osrelease")).strip();
  }

  long memoryTotalBytes() throws IOException {
    return memory("MemTotal");
  }

  long memoryAvailableBytes() throws IOException {
    return memory("MemAvailable");
  }

  int onlineCpus() {
    return Runtime.getRuntime().availableProcessors();
  }

  private long memory(String name) throws IOException {
    Path file = proc.resolve("meminfo");
    Matcher line =
        Pattern.compile("(?m)^" + name + ":\\s+(\\d+) kB$").matcher(Files.readString(file));
    if (!line.find()) {
      throw new IOException(file + " has no " + name);
    }
    return Long.parseLong(line.group(1)) * 1024;
  }
}
