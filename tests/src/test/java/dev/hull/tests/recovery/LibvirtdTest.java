package dev.hull.tests.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.PodSandboxState;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.Libvirtd;
import dev.hull.tests.harness.MachineProcesses;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A libvirtd may go away and come back, and so may the daemon that uses it. */
@Tag("machine")
@Timeout(300)
final class LibvirtdTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path folder;
  @TempDir private Path libvirtFolder;

  @Test
  void podsOutliveTheirLibvirtdAndTheirDaemonAndAreToldTheEndsThatWereMissed() throws IOException {
    Files.setPosixFilePermissions(libvirtFolder, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (Libvirtd libvirtd = new Libvirtd(libvirtFolder).start();
        Daemon daemon = new Daemon(folder).hypervisor(libvirtd.uri()).start()) {
      TestPod.load(daemon, TestPod.DEBIAN);
      TestPod.load(daemon, TestPod.NGINX);
      try (TestPod pod = TestPod.run(daemon, folder.resolve("logs"));
          TestPod dies = TestPod.run(daemon, folder.resolve("more-logs"))) {
        String lives = pod.shell("lives", "sleep 600");

        daemon.kill();
        daemon.start();
        assertThat(pod.exec(lives, "echo", "adopted").getStdout().toStringUtf8())
            .isEqualTo("adopted\n");

        libvirtd.kill();
        assertThat(pod.exec(lives, "echo", "alone").getStdout().toStringUtf8())
            .isEqualTo("alone\n");
        ProcessHandle.of(MachineProcesses.of(dies.id()).qemu()).orElseThrow().destroyForcibly();
        libvirtd.start();

        Awaitility.await("the end is told that nobody saw; the daemon's log: " + daemon.log())
            .atMost(PATIENCE)
            .until(() -> dies.status().getState() == PodSandboxState.SANDBOX_NOTREADY);
        assertThat(pod.status(lives).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        // Another image is another disk, which libvirt plugs in.
        Awaitility.await("what needs libvirt is possible again")
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> !pod.create("late", TestPod.NGINX, "exit", spec -> spec).isEmpty());
      }
    }
  }
}
