package dev.hull.tests.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.LinuxPodSandboxConfig;
import dev.hull.cri.v1.Mount;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.tests.bench.MachineProcesses;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pods of other sizes than the template's, which is 512 MiB. */
@Tag("machine")
@Timeout(240)
final class GrowthTest {
  private static final long MIB = 1L << 20;

  @TempDir private static Path folder;
  private static Daemon daemon;

  @BeforeAll
  static void startDaemon() {
    daemon = new Daemon(folder).start();
    TestPod.load(daemon, TestPod.DEBIAN);
  }

  @AfterAll
  static void stopDaemon() {
    daemon.close();
  }

  private static PodSandboxConfig limited(int cpus, long memoryMib) {
    return TestPod.config(folder.resolve("logs")).toBuilder()
        .setLinux(
            LinuxPodSandboxConfig.newBuilder()
                .setResources(
                    LinuxContainerResources.newBuilder()
                        .setCpuPeriod(100_000)
                        .setCpuQuota(cpus * 100_000L)
                        .setMemoryLimitInBytes(memoryMib * MIB)))
        .build();
  }

  private static String output(TestPod pod, String name, String script, Mount... mounts) {
    String container = start(pod, name, script, mounts);
    assertThat(pod.awaitExit(container).getExitCode()).as(pod.output(container)).isZero();
    return pod.output(container).strip();
  }

  private static String start(TestPod pod, String name, String script, Mount... mounts) {
    return pod.start(
        pod.create(
            name,
            TestPod.DEBIAN,
            script,
            spec -> {
              for (Mount mount : mounts) {
                spec.addMounts(mount);
              }
              return spec;
            }));
  }

  private static long memoryTotalMib(TestPod pod) {
    return Long.parseLong(output(pod, "total", "grep MemTotal /proc/meminfo | tr -dc 0-9")) / 1024;
  }

  @Test
  void aPodOfAGibIsACopyThatHasGrownAndItsShareSeesAllOfItsMemory() throws IOException {
    Path volume = Files.createDirectory(folder.resolve("volume"));
    Files.setPosixFilePermissions(volume, PosixFilePermissions.fromString("rwxrwxrwx"));
    Mount share =
        Mount.newBuilder().setHostPath(volume.toString()).setContainerPath("/share").build();
    try (TestPod pod = TestPod.run(daemon, limited(2, 1024))) {
      assertThat(pod.timeline())
          .as("a pod is a copy of the template; if there is none: ./hull template build")
          .contains("\"restore\"", "\"grown\"")
          .doesNotContain("\"boot\"");
      assertThat(memoryTotalMib(pod)).isBetween(1024L, 1200L);
      // More than the memory of before: most of it comes and goes through what was plugged in.
      output(
          pod,
          "writer",
          "head -c 700M /dev/urandom > /share/large && sha256sum < /share/large > /share/sum"
              + " && echo 3 2>/dev/null > /proc/sys/vm/drop_caches; sync",
          share);
      assertThat(Files.size(volume.resolve("large"))).isEqualTo(700 * MIB);
      assertThat(hostSum(volume.resolve("large")))
          .isEqualTo(Files.readString(volume.resolve("sum")).strip());
      assertThat(output(pod, "reader", "sha256sum < /share/large", share))
          .isEqualTo(Files.readString(volume.resolve("sum")).strip());
      Files.delete(volume.resolve("large"));
    }
  }

  private static String hostSum(Path file) throws IOException {
    Process sum = new ProcessBuilder("sha256sum").redirectInput(file.toFile()).start();
    return new String(sum.getInputStream().readAllBytes()).strip();
  }

  @Test
  void aPodOfAllTheHostsCpusHasThem() {
    int cpus = Runtime.getRuntime().availableProcessors();
    try (TestPod pod = TestPod.run(daemon, limited(cpus, 640))) {
      assertThat(pod.timeline()).contains("\"restore\"").doesNotContain("\"boot\"");
      assertThat(output(pod, "cpus", "grep -c ^processor /proc/cpuinfo"))
          .isEqualTo(Integer.toString(cpus));
    }
  }

  @Test
  void aPodBeyondTheMostBoots() {
    try (TestPod pod = TestPod.run(daemon, limited(1, 9 * 1024))) {
      assertThat(pod.timeline()).contains("\"boot\"").doesNotContain("\"restore\"");
      assertThat(memoryTotalMib(pod)).isGreaterThan(8 * 1024);
    }
  }

  @Test
  void whatAContainerFreesTheHostHasBack() {
    try (TestPod pod = TestPod.run(daemon, limited(1, 768))) {
      assertThat(pod.timeline()).contains("\"grown\"");
      long qemu = MachineProcesses.of(pod.id()).qemu();
      // tail keeps a line to its end, and zeros have none.
      String container =
          start(pod, "taker", "sleep 600 | (head -c 400M /dev/zero; cat) | tail -n 1 | wc -c");
      long before = sharedMib(qemu);
      await("the container takes 400 MiB")
          .atMost(Duration.ofSeconds(60))
          .until(() -> sharedMib(qemu) > before + 300);
      long full = sharedMib(qemu);
      pod.removeContainer(container);
      await("the host has it back, %d MiB are taken".formatted(full))
          .atMost(Duration.ofSeconds(60))
          .until(() -> sharedMib(qemu) < full - 300);
    }
  }

  /** The guest's memory, which is shared with virtiofsd: of its file and of what was plugged in. */
  private static long sharedMib(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
          .filter(line -> line.startsWith("RssShmem:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) / 1024)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
