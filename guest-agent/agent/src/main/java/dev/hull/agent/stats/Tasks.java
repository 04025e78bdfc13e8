package dev.hull.agent.stats;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The processes of a cgroup and of those below it, and the files that they have open. Of very many
 * only the first are counted, for each descriptor is a call of the kernel.
 */
record Tasks(long processes, long descriptors, long sockets) {
  private static final int MAX_CGROUPS = 1024;
  private static final int MAX_DESCRIPTORS = 16_384;
  private static final String OPEN_FILES = "Max open files";

  static Tasks of(Path cgroup, Path proc) {
    Count count = new Count(proc);
    Deque<Path> waiting = new ArrayDeque<>();
    waiting.add(cgroup);
    for (int seen = 0; seen < MAX_CGROUPS && !waiting.isEmpty(); seen++) {
      Path next = waiting.remove();
      KernelFile.lines(next.resolve("cgroup.procs")).forEach(count::process);
      KernelFile.entries(next).stream().filter(Files::isDirectory).forEach(waiting::add);
    }
    return new Tasks(count.processes, count.descriptors, count.sockets);
  }

  private static final class Count {
    private final Path proc;
    private long processes;
    private long descriptors;
    private long sockets;

    Count(Path proc) {
      this.proc = proc;
    }

    void process(String pid) {
      processes++;
      for (Path descriptor : KernelFile.entries(proc.resolve(pid).resolve("fd"))) {
        if (descriptors < MAX_DESCRIPTORS) {
          descriptors++;
          sockets += isSocket(descriptor) ? 1 : 0;
        }
      }
    }

    private static boolean isSocket(Path descriptor) {
      try {
        return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
      } catch (IOException e) {
        // It has been closed meanwhile.
        return false;
      }
    }
  }

  /** The soft limit of a process; 0 if it is gone. */
  static long maxOpenFiles(Path proc, int pid) {
    for (String line : KernelFile.lines(proc.resolve(Integer.toString(pid)).resolve("limits"))) {
      if (line.startsWith(OPEN_FILES)) {
        return KernelFile.number(line.substring(OPEN_FILES.length()).strip().split("\\s+", 2)[0]);
      }
    }
    return 0;
  }
}
