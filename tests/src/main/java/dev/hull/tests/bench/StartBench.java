package dev.hull.tests.bench;

import dev.hull.cri.bridge.daemon.HullTemplateStore;
import dev.hull.cri.host.Bench;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What it takes to start a pod, by a boot and as a copy of a template, beside what the same machine
 * takes when QEMU boots it alone.
 */
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
      // QEMU's user has to get through.
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
      return measure(runs, folder, options, progress).figures();
    } catch (IOException e) {
      throw new HostException("cannot measure: " + e.getMessage(), e);
    } finally {
      deleteTree(folder);
    }
  }

  private static Samples measure(
      int runs, Path folder, DaemonProvider.Options options, Consumer<String> progress)
      throws IOException, HostException {
    Samples samples = new Samples();
    progress.accept("making the template, unless it is there");
    makeTemplate(folder.resolve("template"), options);
    try (Daemon booting = daemon(folder.resolve("cold"), options, "off");
        Daemon copying = daemon(folder.resolve("warm"), options, "on")) {
      // The first start of a daemon asks QEMU what it can do.
      for (Daemon daemon : List.of(booting, copying)) {
        TestPod.run(daemon, folder.resolve("logs")).close();
      }
      samples.add("daemon.rss", "MiB", HostMemory.rssMib(copying.pid()));
      for (int run = 1; run <= runs; run++) {
        try (TestPod pod = start(booting, folder, "start.cold", "memory.booted_pod", samples)) {
          bareBoot(pod, folder, run == 1 ? progress : line -> {}, samples);
        }
        try (TestPod pod = start(copying, folder, "start.warm", "memory.idle_pod", samples)) {
          measureContainer(pod, samples);
        }
        progress.accept(
            "run %d of %d: cold %.2f s, bare %.2f s, warm %.2f s"
                .formatted(
                    run,
                    runs,
                    samples.last("start.cold"),
                    samples.last("start.bare_boot"),
                    samples.last("start.warm")));
      }
    }
    samples.add(
        "start.cold.ratio_to_bare_boot",
        "ratio",
        samples.median("start.cold") / samples.median("start.bare_boot"));
    samples.add(
        "start.warm.ratio_to_cold",
        "ratio",
        samples.median("start.warm") / samples.median("start.cold"));
    return samples;
  }

  private static void makeTemplate(Path work, DaemonProvider.Options options)
      throws HostException, IOException {
    Files.createDirectories(work);
    boolean there =
        new HullTemplateStore()
            .build(
                new DaemonProvider.Options(
                    work.resolve("hull.sock"), work, options.guestImage(), "", false));
    if (!there) {
      throw new HostException("there is no template to measure; the lines above say why");
    }
  }

  private static Daemon daemon(Path folder, DaemonProvider.Options options, String templates)
      throws IOException {
    Daemon daemon = new Daemon(folder, options.guestImage());
    Files.createDirectories(daemon.root());
    Files.writeString(
        daemon.root().resolve("daemon.properties"), "machine.templates=" + templates + "\n");
    daemon.start();
    TestPod.load(daemon, TestPod.DEBIAN);
    return daemon;
  }

  private static TestPod start(
      Daemon daemon, Path folder, String time, String memory, Samples samples) {
    long begin = System.nanoTime();
    TestPod pod = TestPod.run(daemon, folder.resolve("logs"));
    samples.add(time, "s", secondsSince(begin));
    samples.add(memory, "MiB", HostMemory.idlePodMib(MachineProcesses.of(pod.id())));
    return pod;
  }

  /** Of what the pod's machine booted, after its end. */
  private static void bareBoot(TestPod pod, Path folder, Consumer<String> progress, Samples samples)
      throws IOException, HostException {
    MachineProcesses processes = MachineProcesses.of(pod.id());
    BareBoot bare = BareBoot.like(processes.qemu(), folder);
    progress.accept("machine: " + String.join(" ", MachineProcesses.commandLine(processes.qemu())));
    progress.accept("bare: " + bare.commandLine());
    pod.stop();
    samples.add("start.bare_boot", "s", seconds(bare.run()));
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
