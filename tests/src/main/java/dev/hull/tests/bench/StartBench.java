package dev.hull.tests.bench;

import dev.hull.cri.host.Bench;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What it takes to start a pod, beside what the same machine takes when QEMU boots it alone. */
public final class StartBench implements Bench {
  private static final int EXECS_A_RUN = 5;

  @Override
  public List<String> names() {
    return List.of("start");
  }

  @Override
  public List<Figure> run(
      String name, int runs, DaemonProvider.Options options, Consumer<String> progress)
      throws HostException {
    Path folder = null;
    try {
      folder = Files.createTempDirectory("hull-bench-");
      return measure(runs, folder, options.guestImage(), progress).figures();
    } catch (IOException e) {
      throw new HostException("cannot measure: " + e.getMessage(), e);
    } finally {
      deleteTree(folder);
    }
  }

  private static Samples measure(int runs, Path folder, Path guestImage, Consumer<String> progress)
      throws IOException, HostException {
    Samples samples = new Samples();
    try (Daemon daemon = new Daemon(folder, guestImage).start()) {
      TestPod.load(daemon, TestPod.DEBIAN);
      samples.add("daemon.rss", "MiB", HostMemory.rssMib(daemon.pid()));
      for (int run = 1; run <= runs; run++) {
        long begin = System.nanoTime();
        try (TestPod pod = TestPod.run(daemon, folder.resolve("logs"))) {
          samples.add("start.cold", "s", secondsSince(begin));
          MachineProcesses processes = MachineProcesses.of(pod.id());
          samples.add("memory.idle_pod", "MiB", HostMemory.idlePodMib(processes));
          measureContainer(pod, samples);
          BareBoot bare = BareBoot.like(processes.qemu(), folder);
          if (run == 1) {
            progress.accept(
                "machine: " + String.join(" ", MachineProcesses.commandLine(processes.qemu())));
            progress.accept("bare: " + bare.commandLine());
          }
          pod.stop();
          samples.add("start.bare_boot", "s", seconds(bare.run()));
        }
        progress.accept(
            "run %d of %d: cold %.2f s, bare %.2f s"
                .formatted(run, runs, samples.last("start.cold"), samples.last("start.bare_boot")));
      }
    }
    samples.add(
        "start.cold.ratio_to_bare_boot",
        "ratio",
        samples.median("start.cold") / samples.median("start.bare_boot"));
    return samples;
  }

  private static void measureContainer(TestPod pod, Samples samples) {
    long begin = System.nanoTime();
    String container = pod.shell("work", "sleep 600");
    samples.add("container.create_and_start", "s", secondsSince(begin));
    for (int exec = 0; exec < EXECS_A_RUN; exec++) {
      begin = System.nanoTime();
      pod.exec(container, "true");
      samples.add("container.exec_sync", "s", secondsSince(begin));
    }
  }

  private static double secondsSince(long begin) {
    return seconds(Duration.ofNanos(System.nanoTime() - begin));
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private static void deleteTree(@Nullable Path folder) {
    if (folder == null) {
      return;
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot delete " + folder + ": " + e.getMessage(), e);
    }
  }
}
