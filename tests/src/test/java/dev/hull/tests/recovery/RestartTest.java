package dev.hull.tests.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.PodSandboxState;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("machine")
@Timeout(300)
final class RestartTest {
  @TempDir private Path folder;

  @Test
  void aKilledDaemonsSuccessorHasTheSamePodsContainersLogsAndExitCodes() {
    try (Daemon daemon = new Daemon(folder).start()) {
      TestPod.load(daemon, TestPod.DEBIAN);
      try (TestPod pod = TestPod.run(daemon, folder.resolve("logs"))) {
        String counter =
            pod.shell("counter", "for i in $(seq 1 200); do echo line $i; sleep 0.05; done");
        String ends = pod.shell("ends", "sleep 2; echo over; exit 9");
        String lives = pod.shell("lives", "sleep 600");
        Awaitility.await().until(() -> pod.output(counter).contains("line 5\n"));
        String address = pod.address();
        long startedAt = pod.status(lives).getStartedAt();

        daemon.kill();
        daemon.start();

        assertThat(pod.status().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(pod.address()).isEqualTo(address);
        assertThat(pod.status(lives).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(pod.status(lives).getStartedAt()).isEqualTo(startedAt);
        assertThat(pod.exec(lives, "echo", "still here").getStdout().toStringUtf8())
            .isEqualTo("still here\n");
        ContainerStatus ended = pod.awaitExit(ends);
        assertThat(ended.getExitCode()).isEqualTo(9);
        pod.awaitExit(counter);
        List<String> expected = IntStream.rangeClosed(1, 200).mapToObj(i -> "line " + i).toList();
        Awaitility.await()
            .atMost(Duration.ofSeconds(10))
            .untilAsserted(
                () -> assertThat(pod.output(counter).lines()).containsExactlyElementsOf(expected));
        assertThat(pod.output(ends)).isEqualTo("over\n");
      }
    }
  }

  @Test
  void aGracefulStopLeavesMachinesRunning() {
    Daemon daemon = new Daemon(folder).start();
    TestPod.load(daemon, TestPod.DEBIAN);
    TestPod pod = TestPod.run(daemon, folder.resolve("logs"));
    String lives = pod.shell("lives", "sleep 600");
    long startedAt = pod.status(lives).getStartedAt();
    daemon.close();
    daemon.start();
    try (daemon;
        pod) {
      assertThat(pod.status(lives).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
      assertThat(pod.status(lives).getStartedAt()).isEqualTo(startedAt);
    }
  }
}
