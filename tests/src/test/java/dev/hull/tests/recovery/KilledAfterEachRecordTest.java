package dev.hull.tests.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ListContainersRequest;
import dev.hull.cri.v1.ListPodSandboxRequest;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.HostState;
import dev.hull.tests.harness.TestPod;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The life of a pod with one container, once in peace to count the journal's records, then once for
 * each record with a daemon that is killed right after it. The successor is given the same calls
 * again.
 */
@Tag("machine")
final class KilledAfterEachRecordTest {
  @TempDir private static Path folder;
  private static Daemon daemon;
  private static HostState before;

  @BeforeAll
  static void prepare() {
    daemon = new Daemon(folder).start();
    TestPod.load(daemon, TestPod.DEBIAN);
    // What the first pod makes and later ones share is no leak.
    live(TestPod.config(folder.resolve("logs")));
    before = HostState.now(List.of(daemon.root().resolve("machines")));
    daemon.close();
  }

  @AfterAll
  static void stop() {
    daemon.close();
  }

  @Test
  @Timeout(1200)
  void nothingLeaksAndTheSameCallsSucceed() throws IOException {
    int records = countRecords();
    assertThat(records).as("records in a pod's life").isGreaterThan(10);
    for (int last = 1; last <= records; last++) {
      PodSandboxConfig config = TestPod.config(folder.resolve("logs"));
      startHalting(last);
      try {
        live(config);
        throw new AssertionError("the daemon outlived record " + last);
      } catch (StatusRuntimeException e) {
        daemon.awaitEnd();
      }
      daemon.start();
      finish(config);
      assertThat(HostState.now(List.of(daemon.root().resolve("machines"))).since(before))
          .as("left behind by a daemon killed after record %d (%s)", last, recordName(last))
          .isEmpty();
      daemon.close();
    }
  }

  private static int countRecords() throws IOException {
    startHalting(0);
    live(TestPod.config(folder.resolve("logs")));
    daemon.close();
    return Files.readAllLines(records(0)).size();
  }

  private static void startHalting(int last) {
    var _ =
        daemon.start(
            HaltingDaemon.class, List.of(records(last).toString(), Integer.toString(last)));
  }

  private static Path records(int last) {
    return folder.resolve("records-" + last);
  }

  private static String recordName(int last) throws IOException {
    return Files.readAllLines(records(last)).getLast();
  }

  /** All calls of a pod's life. */
  private static void live(PodSandboxConfig config) {
    try (TestPod pod = TestPod.run(daemon, config)) {
      String container = pod.create("work", TestPod.DEBIAN, "echo done", spec -> spec);
      pod.start(container);
      assertThat(pod.awaitExit(container).getExitCode()).isZero();
      pod.removeContainer(container);
    }
  }

  /** The calls that the killed daemon did not answer, and those after them. */
  private static void finish(PodSandboxConfig config) {
    List<PodSandbox> left =
        daemon
            .cri()
            .runtime()
            .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
            .getItemsList();
    assertThat(left).hasSizeLessThanOrEqualTo(1);
    if (left.isEmpty()) {
      live(config);
      return;
    }
    try (TestPod pod = TestPod.of(daemon, config, left.getFirst().getId())) {
      for (var container :
          daemon
              .cri()
              .runtime()
              .listContainers(ListContainersRequest.getDefaultInstance())
              .getContainersList()) {
        if (container.getState() == ContainerState.CONTAINER_CREATED) {
          pod.start(container.getId());
        }
        pod.removeContainer(container.getId());
      }
    }
  }
}
