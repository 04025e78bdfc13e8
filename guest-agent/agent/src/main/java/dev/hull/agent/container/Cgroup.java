package dev.hull.agent.container;

import dev.hull.guest.v1.Resources;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** One cgroup v2, of a container. */
final class Cgroup {
  private static final long DEFAULT_PERIOD_MICROS = 100_000;
  private static final long PAUSE_MILLIS = 5;
  private static final Duration KILL_DEADLINE = Duration.ofSeconds(10);
  private static final String DEFAULT_WEIGHT = "100";
  private static final String UNLIMITED = "max";

  private final Path folder;

  Cgroup(Path folder) {
    this.folder = folder;
  }

  Path folder() {
    return folder;
  }

  /**
   * Sets limits. An OOM kill takes the whole container, as the kubelet configures it: half of one
   * that lives on is rarely what anybody wants, and who wants it says so by unified's
   * memory.oom.group.
   *
   * @throws IllegalStateException if the kernel has no such controller
   */
  void limit(Resources resources) throws IOException {
    Path group = folder.resolve("memory.oom.group");
    if (Files.exists(group)) {
      write(group, "1");
    }
    if (resources.getCpuWeight() != 0) {
      set("cpu.weight", Integer.toString(resources.getCpuWeight()));
    }
    if (resources.getCpuQuotaMicros() != 0) {
      set("cpu.max", cpuMax(resources));
    }
    if (!resources.getCpusetCpus().isEmpty()) {
      set("cpuset.cpus", resources.getCpusetCpus());
    }
    if (resources.getMemoryMaxBytes() != 0) {
      set("memory.max", Long.toUnsignedString(resources.getMemoryMaxBytes()));
    }
    for (Map.Entry<String, String> entry : resources.getUnifiedMap().entrySet()) {
      set(entry.getKey(), entry.getValue());
    }
  }

  private static String cpuMax(Resources resources) {
    long period = resources.getCpuPeriodMicros();
    return (resources.getCpuQuotaMicros() == 0
            ? UNLIMITED
            : Long.toUnsignedString(resources.getCpuQuotaMicros()))
        + " "
        + Long.toUnsignedString(period == 0 ? DEFAULT_PERIOD_MICROS : period);
  }

  /**
   * Sets other limits while processes run: all of them, or, if the kernel takes one of them not,
   * none.
   *
   * @throws IllegalStateException if the kernel has no such controller, or the processes hold more
   *     memory than they are to have
   */
  void change(Resources resources) throws IOException {
    Map<String, String> wanted = new LinkedHashMap<>();
    wanted.put(
        "cpu.weight",
        resources.getCpuWeight() == 0
            ? DEFAULT_WEIGHT
            : Integer.toString(resources.getCpuWeight()));
    wanted.put("cpu.max", cpuMax(resources));
    wanted.put(
        "memory.max",
        resources.getMemoryMaxBytes() == 0
            ? UNLIMITED
            : Long.toUnsignedString(resources.getMemoryMaxBytes()));
    wanted.put("cpuset.cpus", resources.getCpusetCpus());
    wanted.putAll(resources.getUnifiedMap());
    reclaim(wanted.get("memory.max"));
    Map<String, String> before = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, String> entry : wanted.entrySet()) {
        String present = present(entry.getKey());
        if (!present.equals(entry.getValue())) {
          set(entry.getKey(), entry.getValue());
          before.put(entry.getKey(), present);
        }
      }
    } catch (IOException | RuntimeException e) {
      restore(before, e);
      throw e;
    }
  }

  private String present(String file) throws IOException {
    try {
      return Files.readString(folder.resolve(file)).strip();
    } catch (NoSuchFileException e) {
      // The kernel lacks the controller: nothing of it is limited, and set says so if it is to be.
      return switch (file) {
        case "cpu.weight" -> DEFAULT_WEIGHT;
        case "cpu.max" -> UNLIMITED + " " + DEFAULT_PERIOD_MICROS;
        case "memory.max" -> UNLIMITED;
        default -> "";
      };
    }
  }

  private void restore(Map<String, String> before, Exception because) {
    for (Map.Entry<String, String> entry : before.entrySet()) {
      try {
        set(entry.getKey(), entry.getValue());
      } catch (IOException | RuntimeException e) {
        because.addSuppressed(e);
      }
    }
  }

  /** A lower limit would have the kernel kill what it cannot get back: page cache it can. */
  private void reclaim(String max) throws IOException {
    if (max.equals(UNLIMITED)) {
      return;
    }
    long limit = Long.parseUnsignedLong(max);
    long held = value("memory.current").orElse(0);
    Path reclaim = folder.resolve("memory.reclaim");
    if (held > limit && Files.exists(reclaim)) {
      try {
        write(reclaim, Long.toString(held - limit));
      } catch (IOException | RuntimeException e) {
        // EAGAIN, which the JDK has its own words for: it could not get so much back. What is left
        // is seen next.
        held = limit;
      }
      held = value("memory.current").orElse(0);
    }
    if (held > limit) {
      throw new IllegalStateException(
          "cannot set memory.max to %s: the container holds %d bytes that cannot be taken from it;"
                  .formatted(max, held)
              + " give it more, or have it use less first");
    }
  }

  private void set(String file, String value) throws IOException {
    Path path = folder.resolve(file);
    if (!Files.exists(path)) {
      throw new IllegalStateException(
          "cannot set %s to %s: the guest's kernel lacks this cgroup controller"
              .formatted(file, value));
    }
    try {
      write(path, value);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "cannot set %s to %s: %s".formatted(file, value, e.getMessage()), e);
    }
  }

  /** How often the kernel killed a process here for lack of memory. */
  long oomKills() {
    return value("memory.events", "oom_kill").orElse(0);
  }

  /** The value of {@code key} in a file of lines {@code key value}. */
  OptionalLong value(String file, String key) {
    try {
      for (String line : Files.readAllLines(folder.resolve(file))) {
        String[] words = line.split(" ", 2);
        if (words.length == 2 && words[0].equals(key)) {
          return OptionalLong.of(Long.parseUnsignedLong(words[1].strip()));
        }
      }
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
    return OptionalLong.empty();
  }

  /** The value of a file of one number. */
  OptionalLong value(String file) {
    try {
      return OptionalLong.of(
          Long.parseUnsignedLong(Files.readString(folder.resolve(file)).strip()));
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** Signals the processes here and below. */
  void signalAll(int signal, SignalSender sender) throws IOException {
    forEach(pid -> sender.send(pid, signal));
  }

  /** The processes here and below, as the agent sees them. */
  void forEach(IntConsumer process) throws IOException {
    visit(
        path -> {
          for (String line : Files.readAllLines(path.resolve("cgroup.procs"))) {
            int pid = Integer.parseInt(line);
            // 0 is a process of another PID namespace; kill(0) would be the agent's own group.
            if (pid > 1) {
              process.accept(pid);
            }
          }
        });
  }

  /** Sends one signal. */
  interface SignalSender {
    void send(int pid, int signal);
  }

  /** Kills everything here and below, at once and without a race. */
  void kill() throws IOException {
    try {
      write(folder.resolve("cgroup.kill"), "1");
    } catch (NoSuchFileException e) {
      // It has been removed: nothing can be in it.
      return;
    }
  }

  /** Kills everything here and below, and returns when it is gone. */
  void end() throws IOException, InterruptedException, TimeoutException {
    kill();
    awaitEmpty();
  }

  private void awaitEmpty() throws InterruptedException, TimeoutException {
    long end = System.nanoTime() + KILL_DEADLINE.toNanos();
    while (value("cgroup.events", "populated").orElse(0) != 0) {
      if (System.nanoTime() > end) {
        throw new TimeoutException(
            "processes are left in %s after %d ms".formatted(folder, KILL_DEADLINE.toMillis()));
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** Removes it with those that the container made below. Does nothing if it is gone. */
  void remove() throws IOException {
    if (Files.exists(folder)) {
      visit(Files::deleteIfExists);
    }
  }

  private interface Action {
    void on(Path cgroup) throws IOException;
  }

  /** The lowest first. Their files cannot be deleted and vanish with them. */
  private void visit(Action action) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path cgroup, @Nullable IOException e)
              throws IOException {
            action.on(cgroup);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  static void write(Path file, String value) throws IOException {
    Files.writeString(file, value, StandardOpenOption.WRITE);
  }
}
