package dev.hull.tests.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.LinuxPodSandboxConfig;
import dev.hull.cri.v1.Mount;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.MachineProcesses;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Random;
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
      assertThat(memoryTotalMib(pod)).isBetween(1024L, 1300L);
      // More than the guest had free before: some of it comes and goes through what was plugged in.
      byte[] block = new byte[1 << 20];
      new Random(1).nextBytes(block);
      Path original = volume.resolve("original");
      try (OutputStream out = Files.newOutputStream(original)) {
        for (int i = 0; i < 500; i++) {
          block[0] = (byte) i;
          out.write(block);
        }
      }
      output(pod, "copier", "cp /share/original /share/copy", share);
      assertThat(Files.mismatch(original, volume.resolve("copy"))).isEqualTo(-1);
    }
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
      long before = sharedMib(qemu);
      // It fills its buffer again and again.
      String container = start(pod, "taker", "exec dd if=/dev/zero of=/dev/null bs=400M");
      await("the container takes 400 MiB more than " + before)
          .atMost(Duration.ofSeconds(60))
          .until(() -> sharedMib(qemu) > before + 380);
      pod.removeContainer(container);
      await("the host has it back, all but what kernel and agent have come to use")
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(sharedMib(qemu)).isLessThan(before + 100));
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
