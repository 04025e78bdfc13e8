package dev.hull.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cli.testing.FakeCri.Script;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunCommandTest {
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: web, uid: u1}
      spec:
        restartPolicy: Never
        terminationGracePeriodSeconds: 7
        volumes: [{name: m, emptyDir: {medium: Memory}}]
        containers:
          - {name: server, image: "nginx:1", volumeMounts: [{name: m, mountPath: /data}]}
          - {name: job, image: "debian:12", env: [{name: A, value: b}]}
      """;

  @TempDir private Path folder;
  private CommandLineHarness hull;

  @BeforeEach
  void start() throws IOException {
    hull = new CommandLineHarness(folder);
    hull.cri.imagePresent("nginx:1");
    hull.cri.imageInRegistry("debian:12");
    hull.stdin = POD;
  }

  @AfterEach
  void end() {
    hull.close();
  }

  @Test
  void aPodIsRunInTheOrderOfItsManifestAndRemoved() {
    hull.cri.script("server", Script.exits(0).printing("hello"));

    assertThat(hull.run("run", "-")).isZero();

    assertThat(hull.cri.calls())
        .containsExactly(
            "PullImage debian:12",
            "RunPodSandbox web",
            "CreateContainer server",
            "StartContainer server",
            "CreateContainer job",
            "StartContainer job",
            "StopPodSandbox",
            "RemovePodSandbox");
    assertThat(hull.out()).isEqualTo("server | hello\n");
    assertNothingLeft();
  }

  @Test
  void prefixesLineUp() {
    hull.cri.script("job", Script.exits(0).printing("done"));
    assertThat(hull.run("run", "-")).isZero();
    assertThat(hull.out()).isEqualTo("job    | done\n");
  }

  @Test
  void theExitCodeIsThatOfTheContainerThatFailedFirst() {
    hull.cri.script("server", new Script(3, 5, "", ""));
    hull.cri.script("job", Script.exits(4));

    assertThat(hull.run("run", "-")).isEqualTo(4);

    assertThat(hull.err()).contains("container server exited with 3");
    assertNothingLeft();
  }

  @Test
  void theTimeoutStopsThePodWithinItsGracePeriodAndItsLastWordsAreHeard() {
    hull.cri.script("server", Script.runsForever().withLastWords("bye"));

    assertThat(hull.run("run", "--timeout", "5s", "-")).isEqualTo(124);

    assertThat(hull.cri.calls()).contains("StopContainer server 7s");
    assertThat(hull.out()).isEqualTo("server | bye\n");
    assertThat(hull.err()).contains("the pod has not finished within 5 s");
    assertNothingLeft();
  }

  @Test
  void aRealSigtermStopsThePodWithinItsGracePeriod() {
    hull.cri.script("server", Script.runsForever().withLastWords("bye"));
    AtomicBoolean sent = new AtomicBoolean();
    hull.time.onSleep(
        () -> {
          if (sent.compareAndSet(false, true)) {
            sendToMyself("TERM");
          }
        });

    assertThat(hull.run("run", "-")).isEqualTo(143);

    assertThat(hull.cri.calls()).contains("StopContainer server 7s");
    assertThat(hull.out()).isEqualTo("server | bye\n");
    assertThat(hull.err()).contains("stopped by SIGTERM");
    assertNothingLeft();
  }

  @Test
  void anImageThatDoesNotExistEndsTheRunBeforeAMachineIsStarted() {
    hull.stdin = POD.replace("debian:12", "debian:99");

    assertThat(hull.run("run", "-")).isEqualTo(ExitCodes.HULL_FAILED);

    assertThat(hull.err()).contains("the image debian:99 does not exist in its registry");
    assertThat(hull.cri.calls()).containsExactly("PullImage debian:99");
    assertNothingLeft();
  }

  @Test
  void aContainerThatCannotBeCreatedTakesThePodWithIt() {
    hull.cri.fail("CreateContainer", Status.INTERNAL.withDescription("the guest said no"));

    assertThat(hull.run("run", "-")).isEqualTo(ExitCodes.HULL_FAILED);

    assertThat(hull.err()).contains("the guest said no").doesNotContain("Exception");
    assertNothingLeft();
  }

  @Test
  void aMachineThatDoesNotStartLeavesNothing() {
    hull.cri.fail("RunPodSandbox", Status.INTERNAL.withDescription("kernel panic: last lines"));
    assertThat(hull.run("run", "-")).isEqualTo(ExitCodes.HULL_FAILED);
    assertThat(hull.err()).contains("kernel panic: last lines");
    assertNothingLeft();
  }

  @Test
  void aMachineThatDiesUnderItsContainersEndsTheRun() {
    hull.cri.script("server", Script.runsForever());
    hull.time.onSleep(hull.cri::killMachines);

    assertThat(hull.run("run", "-")).isEqualTo(ExitCodes.HULL_FAILED);

    assertThat(hull.err())
        .contains("the machine of pod web ended while container server was running");
    assertNothingLeft();
  }

  @Test
  void aPodThatCannotBeStoppedKeepsItsFolder() {
    hull.cri.fail("StopPodSandbox", Status.INTERNAL.withDescription("libvirt is gone"));

    assertThat(hull.run("run", "-")).isEqualTo(ExitCodes.HULL_FAILED);

    assertThat(hull.err()).contains("cannot stop the pod").contains("libvirt is gone");
    assertThat(hull.root.resolve("pods/u1")).exists();
  }

  @Test
  void detachLeavesThePodAndRmRemovesItWithItsFolder() {
    hull.cri.script("server", Script.runsForever());

    assertThat(hull.run("run", "--detach", "-")).isZero();
    assertThat(hull.out()).startsWith("sandbox");
    assertThat(hull.root.resolve("pods/u1")).exists();

    assertThat(hull.run("run", "--detach", "-")).isEqualTo(ExitCodes.HULL_FAILED);
    assertThat(hull.err())
        .contains(
            "hull: pod web is there already; remove it with hull rm web, or have it changed with"
                + " hull apply");

    assertThat(hull.run("rm", "web")).isZero();
    assertThat(hull.cri.calls()).contains("StopContainer server 7s");
    assertNothingLeft();
  }

  @Test
  void volumesVariablesAndIdentityReachTheContainer() {
    hull.cri.script("server", Script.runsForever());
    assertThat(hull.run("run", "--detach", "-")).isZero();

    var server = hull.cri.config("server");
    assertThat(server.getMounts(0).getContainerPath()).isEqualTo("/data");
    assertThat(server.getMounts(0).getHostPath())
        .isEqualTo(hull.root.resolve("pods/u1/volumes/m").toString());
    assertThat(server.getImage().getImage()).isEqualTo("sha256:nginx:1");
    assertThat(server.getLabelsOrThrow("io.kubernetes.pod.uid")).isEqualTo("u1");
    assertThat(hull.cri.config("job").getEnvs(0).getKey()).isEqualTo("A");
    assertThat(hull.mounts.mounted()).hasSize(1);
  }

  @Test
  void aBadManifestIsToldByFileAndLine() throws IOException {
    Path file = Files.writeString(folder.resolve("pod.yaml"), "kind: Pod\napiVersion: v3\n");
    assertThat(hull.run("run", file.toString())).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).contains(file + ":2: apiVersion: must be v1");
    assertThat(hull.cri.calls()).isEmpty();
  }

  @Test
  void aManifestThatIsNotThereIsSaidSo() {
    assertThat(hull.run("run", "/nonexistent.yaml")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).isEqualTo("hull: /nonexistent.yaml does not exist\n");
  }

  @Test
  void anExplicitSocketWhereNobodyAnswersIsAnError() {
    assertThat(hull.raw("run", "--socket", folder.resolve("none").toString(), "-"))
        .isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).contains("no daemon answers at").contains("hull serve --socket");
  }

  @Test
  void neverPullingAnImageThatIsNotHereIsAnError() {
    hull.stdin = POD.replace("\"debian:12\"", "\"debian:12\", imagePullPolicy: Never");
    assertThat(hull.run("run", "-")).isEqualTo(ExitCodes.HULL_FAILED);
    assertThat(hull.err()).contains("imagePullPolicy: Never forbids to pull it");
  }

  private static void sendToMyself(String signal) {
    String pid = Long.toString(ProcessHandle.current().pid());
    try {
      assertThat(new ProcessBuilder("kill", "-" + signal, pid).inheritIO().start().waitFor())
          .isZero();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void assertNothingLeft() {
    hull.cri.checkNothingLeaked();
    assertThat(hull.mounts.mounted()).isEmpty();
    assertThat(hull.root.resolve("pods/u1")).doesNotExist();
  }
}
