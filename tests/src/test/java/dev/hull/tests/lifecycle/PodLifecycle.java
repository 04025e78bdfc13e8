package dev.hull.tests.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ContainerMetadata;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.ExecSyncResponse;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.LinuxContainerConfig;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.Mount;
import dev.hull.cri.v1.PodSandboxState;
import dev.hull.cri.v1.RemoveContainerRequest;
import dev.hull.cri.v1.StopContainerRequest;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a pod's containers are promised, however its machine came to be. One pod serves all of
 * these: each makes containers of its own.
 */
@Tag("machine")
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PodLifecycle {
  private static final int CHATTY_LINES = 100_000;

  private Path folder = Path.of("");
  private Daemon daemon;
  private TestPod pod;

  /** Says how machines are to start. */
  abstract Daemon configure(Daemon daemon) throws IOException;

  TestPod pod() {
    return pod;
  }

  /** Ends what {@link #configure} began. */
  void daemonHasEnded() {}

  /** A step of the timeline that shows that the machine started so. */
  abstract String step();

  /** The folder is no field, for such a one is filled only before the first test. */
  @BeforeAll
  void runPod(@TempDir Path ownFolder) throws IOException {
    folder = ownFolder;
    daemon = configure(new Daemon(folder)).start();
    TestPod.load(daemon, TestPod.DEBIAN);
    TestPod.load(daemon, TestPod.NGINX);
    pod = TestPod.run(daemon, folder.resolve("logs"));
  }

  @AfterAll
  void removePod() {
    try {
      if (pod != null) {
        pod.close();
      }
    } finally {
      daemon.close();
      daemonHasEnded();
    }
  }

  @Test
  void theMachineStartedAsItWasTo() {
    assertThat(pod.timeline()).contains(step());
  }

  @Test
  void aReadySandboxHasAnAddress() {
    assertThat(pod.status().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
    assertThat(pod.address()).matches("\\d+\\.\\d+\\.\\d+\\.\\d+");
  }

  /** Nothing else is said to the machine meanwhile: its line must not need that to go on. */
  @Test
  void muchOutputArrivesWithoutAPause() {
    String chatty =
        pod.shell(
            "chatty", "yes $(printf %0100d 7) | head -n " + CHATTY_LINES + "; exec sleep 600");
    Path log = Path.of(pod.status(chatty).getLogPath());
    Awaitility.await("all of its lines")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> lines(log) == CHATTY_LINES);
  }

  /** A line that came in two pieces has two in the log, of which the first is marked P. */
  private static long lines(Path log) throws IOException {
    try (Stream<String> lines = Files.lines(log)) {
      return lines.filter(line -> line.contains(" stdout F ")).count();
    }
  }

  @Test
  void theExitCodeIsTheProcesss() {
    ContainerStatus ended = pod.awaitExit(pod.shell("exit-code", "exit 42"));
    assertThat(ended.getExitCode()).isEqualTo(42);
    assertThat(ended.getReason()).isEqualTo("Error");
    assertThat(ended.getFinishedAt()).isGreaterThanOrEqualTo(ended.getStartedAt()).isPositive();
  }

  @Test
  void bothStreamsAreLoggedInOrder() {
    String container = pod.shell("streams", "echo one; echo two >&2; echo three");
    pod.awaitExit(container);
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(pod.output(container).lines())
                    .containsExactlyInAnyOrder("one", "two", "three"));
  }

  @Test
  void aContainerIsTheFirstProcessOfItsOwnWorld() {
    String container = pod.shell("world", "sleep 600");
    assertThat(stdout(pod.exec(container, "cat", "/proc/1/cmdline"))).contains("sleep 600");
    assertThat(stdout(pod.exec(container, "hostname")).strip())
        .isEqualTo(pod.config().getHostname());
    assertThat(stdout(pod.exec(container, "cat", "/etc/hosts")).lines())
        .contains(pod.address() + "\t" + pod.config().getHostname());
    assertThat(stdout(pod.exec(container, "ls", "/dev"))).doesNotContain("sda");
    String capabilities = stdout(pod.exec(container, "grep", "CapEff", "/proc/self/status"));
    assertThat(capabilities).as("Docker's default capabilities").contains("00000000a80425fb");
    stopAndRemove(container);
  }

  @Test
  void theExitCodeAndTheStreamsOfAnExecAreItsOwn() {
    String container = pod.shell("exec", "sleep 600");
    ExecSyncResponse answer = pod.exec(container, "bash", "-c", "echo out; echo err >&2; exit 3");
    assertThat(answer.getExitCode()).isEqualTo(3);
    assertThat(stdout(answer)).isEqualTo("out\n");
    assertThat(answer.getStderr().toStringUtf8()).isEqualTo("err\n");
    stopAndRemove(container);
  }

  @Test
  void aVolumeOfTheHostIsSharedByContainersAndSeenOnTheHost() throws IOException {
    Path volume = Files.createDirectory(folder.resolve("volume"));
    Files.setPosixFilePermissions(volume, PosixFilePermissions.fromString("rwxrwxrwx"));
    Mount mount =
        Mount.newBuilder().setHostPath(volume.toString()).setContainerPath("/data").build();
    String writer =
        pod.start(
            pod.create(
                "writer",
                TestPod.DEBIAN,
                "echo from the guest > /data/file",
                spec -> spec.addMounts(mount)));
    assertThat(pod.awaitExit(writer).getExitCode()).isZero();
    assertThat(volume.resolve("file")).hasContent("from the guest");
    String reader =
        pod.start(
            pod.create(
                "reader",
                TestPod.DEBIAN,
                "cat /data/file; echo no > /data/file",
                spec -> spec.addMounts(mount.toBuilder().setReadonly(true))));
    assertThat(pod.awaitExit(reader).getExitCode()).as("writing to a read-only mount").isNotZero();
    assertThat(volume.resolve("file")).hasContent("from the guest");
  }

  @Test
  void aServerInThePodAnswersAtThePodsAddress() throws Exception {
    String nginx =
        pod.start(
            pod.create(
                ContainerConfig.newBuilder()
                    .setMetadata(ContainerMetadata.newBuilder().setName("nginx"))
                    .setImage(ImageSpec.newBuilder().setImage(TestPod.NGINX))
                    .setLogPath("nginx.log")
                    .build()));
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://" + pod.address() + "/"))
              .timeout(Duration.ofSeconds(5))
              .build();
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(100))
          .ignoreExceptions()
          .untilAsserted(
              () ->
                  assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                      .isEqualTo(200));
    }
    stopAndRemove(nginx);
  }

  @Test
  void stoppingAsksFirstAndThenForces() {
    String polite =
        pod.shell("polite", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done");
    awaitReady(polite);
    stop(polite, 20);
    assertThat(pod.status(polite).getExitCode()).isEqualTo(7);
    String stubborn =
        pod.shell("stubborn", "trap '' TERM; echo ready; while :; do sleep 0.1; done");
    awaitReady(stubborn);
    stop(stubborn, 1);
    assertThat(pod.status(stubborn).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(pod.status(stubborn).getExitCode()).isEqualTo(137);
  }

  @Test
  void aContainerOverItsMemoryLimitIsKilledAndSaysSo() {
    String hungry =
        pod.start(
            pod.create(
                "hungry",
                TestPod.DEBIAN,
                "head -c 100m /dev/zero | tail",
                spec ->
                    spec.setLinux(
                        LinuxContainerConfig.newBuilder()
                            .setResources(
                                LinuxContainerResources.newBuilder()
                                    .setMemoryLimitInBytes(32L * 1024 * 1024)))));
    ContainerStatus killed = pod.awaitExit(hungry);
    assertThat(killed.getReason()).isEqualTo("OOMKilled");
    assertThat(killed.getExitCode()).isEqualTo(137);
  }

  @Test
  void limitsOfCgroupTwoReachTheKernel() {
    String limited =
        pod.start(
            pod.create(
                "limited",
                TestPod.DEBIAN,
                "cd /sys/fs/cgroup; head memory.high memory.min memory.oom.group pids.max",
                spec ->
                    spec.setLinux(
                        LinuxContainerConfig.newBuilder()
                            .setResources(
                                LinuxContainerResources.newBuilder()
                                    .putUnified("memory.high", "33554432")
                                    .putUnified("memory.min", "1048576")
                                    .putUnified("memory.oom.group", "0")
                                    .putUnified("memory.swap.max", "0")
                                    .putUnified("pids.max", "77")))));
    assertThat(pod.awaitExit(limited).getExitCode()).isZero();
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(pod.output(limited).lines()).contains("33554432", "1048576", "0", "77"));
  }

  @Test
  void orphansOfThePodsPidNamespaceAreReaped() {
    // In a namespace of its own the container's first process would have to reap them.
    String container =
        pod.start(
            pod.create(
                "orphans", TestPod.DEBIAN, "sleep 600", ContainerConfig.Builder::clearLinux));
    for (int round = 0; round < 5; round++) {
      pod.exec(container, "bash", "-c", "(sleep 0.05 &) ; exit 0");
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(stdout(pod.exec(container, "ps", "-eo", "stat,comm")).lines())
                    .noneMatch(line -> line.startsWith("Z") && !line.contains("<defunct> ps")));
    stopAndRemove(container);
  }

  @Test
  void aProgramThatDoesNotExistIsAnErrorThatNamesIt() {
    String container =
        pod.create(
            ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName("missing"))
                .setImage(ImageSpec.newBuilder().setImage(TestPod.DEBIAN))
                .addCommand("/no/such/program")
                .setLogPath("missing.log")
                .build());
    assertThat(catchThrowable(() -> pod.start(container))).hasMessageContaining("/no/such/program");
    assertThat(pod.status(container).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
  }

  private static String stdout(ExecSyncResponse answer) {
    return answer.getStdout().toStringUtf8().replace('\0', ' ');
  }

  private void awaitReady(String container) {
    Awaitility.await().until(() -> pod.output(container).contains("ready"));
  }

  private void stop(String container, long seconds) {
    var _ =
        daemon
            .cri()
            .runtime()
            .stopContainer(
                StopContainerRequest.newBuilder()
                    .setContainerId(container)
                    .setTimeout(seconds)
                    .build());
  }

  private void stopAndRemove(String container) {
    stop(container, 0);
    var _ =
        daemon
            .cri()
            .runtime()
            .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(container).build());
  }
}
