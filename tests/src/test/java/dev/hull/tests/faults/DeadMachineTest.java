package dev.hull.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.PodSandboxState;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.HostState;
import dev.hull.tests.harness.MachineProcesses;
import dev.hull.tests.harness.TestPod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("machine")
@Timeout(240)
final class DeadMachineTest {
  private static final Duration NOTICED_WITHIN = Duration.ofSeconds(2);

  @TempDir private Path folder;

  @Test
  void aPodWhoseQemuOrVirtiofsdIsKilledIsNotReadyWithinTwoSecondsAndItsContainersHaveExited() {
    try (Daemon daemon = new Daemon(folder).start()) {
      TestPod.load(daemon, TestPod.DEBIAN);
      try (TestPod first = TestPod.run(daemon, folder.resolve("logs"));
          TestPod second = TestPod.run(daemon, folder.resolve("logs"))) {
        String inFirst = first.shell("lives", "sleep 600");
        String inSecond = second.shell("lives", "sleep 600");

        kill(MachineProcesses.of(first.id()).qemu());
        assertEnded(first, inFirst, daemon);
        assertThat(first.status(inFirst).getMessage()).contains("was killed by signal 9");
        assertThat(second.status().getState())
            .as("the neighbour")
            .isEqualTo(PodSandboxState.SANDBOX_READY);

        kill(MachineProcesses.of(second.id()).virtiofsd().getFirst());
        assertEnded(second, inSecond, daemon);
      }
      assertThat(HostState.now(List.of(daemon.root())).kinds().get("processes")).isEmpty();
    }
  }

  private static void kill(long pid) {
    assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
  }

  private static void assertEnded(TestPod pod, String container, Daemon daemon) {
    Awaitility.await("NOTREADY; the daemon's log is " + daemon.log())
        .atMost(NOTICED_WITHIN)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> pod.status().getState() == PodSandboxState.SANDBOX_NOTREADY);
    ContainerStatus ended = pod.status(container);
    assertThat(ended.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(ended.getExitCode()).isEqualTo(137);
    assertThat(ended.getMessage()).as("the reason").isNotBlank();
  }
}
