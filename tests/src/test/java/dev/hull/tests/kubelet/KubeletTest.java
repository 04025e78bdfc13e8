package dev.hull.tests.kubelet;

import static dev.hull.cri.v1.ContainerEventType.CONTAINER_CREATED_EVENT;
import static dev.hull.cri.v1.ContainerEventType.CONTAINER_DELETED_EVENT;
import static dev.hull.cri.v1.ContainerEventType.CONTAINER_STARTED_EVENT;
import static dev.hull.cri.v1.ContainerEventType.CONTAINER_STOPPED_EVENT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ContainerEventType;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.PodSandboxState;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.HostState;
import dev.hull.tests.harness.LayoutRegistry;
import dev.hull.tests.harness.TestEnvironment;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("machine")
@Timeout(240)
final class KubeletTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private static final String INIT = "cp /etc/config/greeting /data/greeting; echo copied";

  /** Ready once its postStart handler has run; it crashes when it is asked to. */
  private static final String APP =
      """
      trap 'echo terminated; exit 0' TERM
      echo "attempt $ATTEMPT says $(cat /data/greeting)"
      until [ -e /data/hook ]; do sleep 0.1; done
      touch /tmp/ready
      until [ -e /data/crash ]; do sleep 0.1; done
      rm /data/crash
      echo 'asked to crash' > /dev/termination-log
      exit 7
      """;

  private static final String POST_START = "echo here > /data/hook";
  private static final String READINESS = "test -e /tmp/ready";
  private static final String LIVENESS = "test ! -e /data/crash";

  @TempDir private Path folder;

  private static Map<String, byte[]> greeting(String words) {
    return Map.of("greeting", words.getBytes(UTF_8));
  }

  @Test
  void aPodComesToReadyIsReplacedWhenItCrashesOutlivesItsDaemonAndGoesWithoutATrace()
      throws Exception {
    KubeletPod pod = new KubeletPod(folder.resolve("kubelet"));
    pod.config().write(greeting("hello"));
    try (LayoutRegistry registry = new LayoutRegistry(TestEnvironment.samples());
        Daemon daemon = new Daemon(folder).start()) {
      Kubelet kubelet = new Kubelet(daemon, pod);
      kubelet.connect();
      Events events = new Events(daemon);
      ImageSpec image = kubelet.ensureImage(registry.reference(TestPod.DEBIAN));
      List<Path> folders = List.of(daemon.root().resolve("machines"));
      HostState before = HostState.now(folders);
      assertThat(kubelet.relist().sandboxes()).isEmpty();

      String sandbox = kubelet.runSandbox();
      initialized(kubelet, pod, sandbox, image);
      String first = ready(kubelet, sandbox, app(pod, 0, image));
      String second = replaced(kubelet, pod, sandbox, image, first);
      await("all events of the first attempt")
          .atMost(SOON)
          .until(() -> events.of(first), told -> told.contains(CONTAINER_DELETED_EVENT));
      assertThat(events.of(first)).isEqualTo(life());

      LinuxContainerResources resized = KubeletPod.limits(200, 800, 256);
      kubelet.grow(sandbox, second, resized);
      assertThat(kubelet.container(second).getResources().getLinux().getMemoryLimitInBytes())
          .isEqualTo(resized.getMemoryLimitInBytes());
      assertThat(kubelet.said(second, "cd /sys/fs/cgroup; cat memory.max cpu.max"))
          .isEqualTo("268435456\n80000 100000\n");

      daemon.kill();
      pod.config().write(greeting("welcome"));
      daemon.start();
      kubelet.connect();
      Events later = new Events(daemon);
      PodStatus found = kubelet.relist();
      assertThat(found.sandboxes().getFirst().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
      assertThat(found.container("app").getId()).isEqualTo(second);
      assertThat(found.container("app").getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
      assertThat(found.container("app").getResources().getLinux().getMemoryLimitInBytes())
          .isEqualTo(resized.getMemoryLimitInBytes());
      assertThat(kubelet.probe(second, READINESS) && kubelet.probe(second, LIVENESS)).isTrue();
      await("the changed ConfigMap")
          .atMost(SOON)
          .until(() -> kubelet.said(second, "cat /etc/config/greeting"), "welcome"::equals);

      kubelet.killPod("echo stopping > /data/stopping");
      PodStatus stopped = kubelet.relist();
      assertThat(stopped.sandboxes().getFirst().getState())
          .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
      assertThat(stopped.container("app").getExitCode()).isZero();
      assertThat(pod.data().resolve("stopping")).hasContent("stopping");
      assertThat(log(stopped.container("app"))).endsWith("attempt 1 says hello", "terminated");
      await("its end is told")
          .atMost(SOON)
          .until(() -> later.of(second), told -> told.contains(CONTAINER_STOPPED_EVENT));
      kubelet.collectGarbage();
      assertThat(kubelet.relist()).isEqualTo(new PodStatus(List.of(), List.of()));
      assertThat(HostState.now(folders).since(before))
          .as("other machines of this host come and go")
          .filteredOn(line -> line.contains(sandbox.substring(0, 12)))
          .isEmpty();
    }
  }

  private static List<ContainerEventType> life() {
    return List.of(
        CONTAINER_CREATED_EVENT,
        CONTAINER_STARTED_EVENT,
        CONTAINER_STOPPED_EVENT,
        CONTAINER_DELETED_EVENT);
  }

  private static void initialized(Kubelet kubelet, KubeletPod pod, String sandbox, ImageSpec image)
      throws IOException {
    String id =
        kubelet.startContainer(
            sandbox, pod.container("init", 0, image, INIT, KubeletPod.limits(100, 500, 64)));
    ContainerStatus ended =
        kubelet
            .relistUntil(
                "the init container ends",
                status -> status.container("init").getState() == ContainerState.CONTAINER_EXITED)
            .container("init");
    assertThat(ended.getId()).isEqualTo(id);
    assertThat(ended.getExitCode()).isZero();
    assertThat(ended.getReason()).isEqualTo("Completed");
    assertThat(pod.data().resolve("greeting")).hasContent("hello");
    assertThat(log(ended)).containsExactly("copied");
  }

  private static ContainerConfig app(KubeletPod pod, int attempt, ImageSpec image)
      throws IOException {
    return pod.container("app", attempt, image, APP, KubeletPod.limits(100, 500, 128));
  }

  /** Starts a container, with its hook and its probes; its id, when the pod is Ready. */
  private static String ready(Kubelet kubelet, String sandbox, ContainerConfig config) {
    String id = kubelet.startContainer(sandbox, config);
    assertThat(kubelet.probe(id, READINESS)).as("before its hook has run").isFalse();
    kubelet.hook(id, POST_START);
    await("the pod is Ready").atMost(SOON).until(() -> kubelet.probe(id, READINESS));
    assertThat(kubelet.probe(id, LIVENESS)).isTrue();
    ContainerStatus status = kubelet.relist().container("app");
    assertThat(status.getId()).isEqualTo(id);
    assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(status.getAnnotationsMap()).isEqualTo(config.getAnnotationsMap());
    return id;
  }

  /** The application crashes: the next attempt is started, and then the one before removed. */
  private static String replaced(
      Kubelet kubelet, KubeletPod pod, String sandbox, ImageSpec image, String first)
      throws IOException {
    Files.delete(pod.data().resolve("hook"));
    Files.createFile(pod.data().resolve("crash"));
    ContainerStatus crashed =
        kubelet
            .relistUntil(
                "the application crashes",
                status -> status.container("app").getState() == ContainerState.CONTAINER_EXITED)
            .container("app");
    assertThat(crashed.getId()).isEqualTo(first);
    assertThat(crashed.getExitCode()).isEqualTo(7);
    assertThat(crashed.getReason()).isEqualTo("Error");
    assertThat(pod.termination("app", 0)).hasContent("asked to crash");
    String second = ready(kubelet, sandbox, app(pod, 1, image));
    kubelet.removeContainer(first);
    assertThat(kubelet.relist().containers())
        .extracting(
            status -> status.getMetadata().getName(), status -> status.getMetadata().getAttempt())
        .containsExactlyInAnyOrder(tuple("init", 0), tuple("app", 1));
    return second;
  }

  /** Its lines, without the log's own columns. */
  private static List<String> log(ContainerStatus container) throws IOException {
    return Files.readAllLines(Path.of(container.getLogPath())).stream()
        .map(line -> line.split(" ", 4)[3])
        .toList();
  }
}
