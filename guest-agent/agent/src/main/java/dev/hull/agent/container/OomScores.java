package dev.hull.agent.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Which processes the kernel would rather kill when memory is short (proc_pid_oom_score_adj(5)).
 */
final class OomScores {
  private final Path proc;

  /**
   * @param proc {@code /proc}
   */
  OomScores(Path proc) {
    this.proc = proc;
  }

  /** Does nothing to a process that has exited. */
  void set(int pid, int score) {
    Path file = proc.resolve(Integer.toString(pid)).resolve("oom_score_adj");
    try {
      Files.writeString(file, Integer.toString(score), StandardOpenOption.WRITE);
    } catch (IOException e) {
      if (Files.exists(file)) {
        System.err.println("cannot set " + file + " to " + score + ": " + e.getMessage());
      }
    }
  }
}
