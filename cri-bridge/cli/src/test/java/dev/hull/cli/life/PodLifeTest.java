package dev.hull.cli.life;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cli.testing.FakeCri.Script;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kubelet's rules, each by the calls that follow from it. */
final class PodLifeTest {
  @TempDir private Path folder;
  private LifeHarness harness;

  @BeforeEach
  void start() throws IOException {
    harness = new LifeHarness(folder);
  }

  @AfterEach
  void end() {
    harness.close();
  }

  private static String status(PodLife life) {
    return life.status().printed().status();
  }

  private List<String> starts() {
    return harness.calls().stream()
        .filter(call -> call.startsWith("StartContainer") || call.startsWith("StopContainer"))
        .toList();
  }

  @Test
  void initContainersRunOneAfterAnotherAndSidecarsStayAndEndLast() {
    harness.cri.script("first", new Script(0, 3, "", ""));
    harness.cri.script("side", Script.runsForever());
    harness.cri.script("main", new Script(0, 3, "", ""));
    PodLife life =
        harness.pod(
            """
            {restartPolicy: Never, initContainers: [
               {name: first, image: "i:1"},
               {name: side, image: "i:1", restartPolicy: Always},
               {name: second, image: "i:1"}],
             containers: [{name: main, image: "i:1"}]}
            """);

    harness.step(life);
    assertThat(status(life)).isEqualTo("Init:0/3");
    harness.live(life, Duration.ofSeconds(3));

    assertThat(starts())
        .containsExactly(
            "StartContainer first",
            "StartContainer side",
            "StartContainer second",
            "StartContainer main",
            "StopContainer side 30s");
    assertThat(life.isOver()).isTrue();
    assertThat(life.status().phase()).isEqualTo(Phase.SUCCEEDED);
    assertThat(status(life)).isEqualTo("Completed");
  }

  @Test
  void anInitContainerThatFailsIsTriedAgainByPolicyAndFailsThePodWithoutOne() {
    harness.cri.script("first", Script.exits(3), Script.exits(0));
    harness.cri.script("main", Script.runsForever());
    PodLife always =
        harness.pod(
            "{initContainers: [{name: first, image: 'i:1'}], containers: [{name: main, image: 'i:1'}]}");
    harness.live(always, Duration.ofSeconds(2));
    assertThat(starts())
        .containsExactly("StartContainer first", "StartContainer first", "StartContainer main");
    assertThat(status(always)).isEqualTo("Running");
  }

  @Test
  void withoutRestartsAFailedInitContainerIsThePodsEnd() {
    harness.cri.script("first", Script.exits(3));
    PodLife never =
        harness.pod(
            "{restartPolicy: Never, initContainers: [{name: first, image: 'i:1'}],"
                + " containers: [{name: main, image: 'i:1'}]}");
    harness.live(never, Duration.ofSeconds(2));
    assertThat(never.isOver()).isTrue();
    assertThat(never.status().phase()).isEqualTo(Phase.FAILED);
    assertThat(status(never)).isEqualTo("Init:Error");
    assertThat(starts()).containsExactly("StartContainer first");
  }

  @Test
  void aContainerThatKeepsFailingIsRestartedAfterTenAndTwentySecondsAndItsNeighbourIsNot() {
    harness.cri.script("bad", Script.exits(1));
    harness.cri.script("good", Script.runsForever());
    PodLife life =
        harness.pod("{containers: [{name: bad, image: 'i:1'}, {name: good, image: 'i:1'}]}");

    harness.live(life, Duration.ofSeconds(5));
    assertThat(harness.count("StartContainer bad")).isEqualTo(2);
    assertThat(status(life)).isEqualTo("CrashLoopBackOff");
    harness.live(life, Duration.ofSeconds(10));
    assertThat(harness.count("StartContainer bad")).isEqualTo(3);
    harness.live(life, Duration.ofSeconds(15));
    assertThat(harness.count("StartContainer bad")).isEqualTo(3);
    harness.live(life, Duration.ofSeconds(6));
    assertThat(harness.count("StartContainer bad")).isEqualTo(4);

    assertThat(harness.count("StartContainer good")).isEqualTo(1);
    assertThat(harness.count("RunPodSandbox p")).isEqualTo(1);
    // Of the earlier starts one is kept, for its end is still asked for.
    assertThat(harness.calls()).contains("RemoveContainer bad 0", "RemoveContainer bad 1");
    assertThat(life.status().ordinary().getFirst().restarts()).isEqualTo(3);
    assertThat(life.status().ordinary().getFirst().last().orElseThrow().exitCode()).isEqualTo(1);
  }

  @Test
  void onFailureASuccessIsFinal() {
    harness.cri.script("job", Script.exits(1), Script.exits(0));
    PodLife life =
        harness.pod("{restartPolicy: OnFailure, containers: [{name: job, image: 'i:1'}]}");
    harness.live(life, Duration.ofSeconds(2));
    assertThat(harness.count("StartContainer job")).isEqualTo(2);
    assertThat(life.status().phase()).isEqualTo(Phase.SUCCEEDED);
  }

  @Test
  void aRuleByExitCodeRestartsWhatThePolicyWouldNot() {
    harness.cri.script("job", Script.exits(42), Script.exits(7));
    PodLife life =
        harness.pod(
            """
            {restartPolicy: Never, containers: [{name: job, image: "i:1", restartPolicy: Never,
              restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]}]}
            """);
    harness.live(life, Duration.ofSeconds(2));
    assertThat(harness.count("StartContainer job")).isEqualTo(2);
    assertThat(life.status().phase()).isEqualTo(Phase.FAILED);
  }

  @Test
  void aFailedLivenessProbeRestartsOnlyItsContainerAfterItsThreshold() {
    harness.cri.script("web", Script.runsForever());
    harness.cri.script("other", Script.runsForever());
    PodLife life =
        harness.pod(
            """
            {terminationGracePeriodSeconds: 20, containers: [
              {name: web, image: "i:1", ports: [{containerPort: 80, name: http}],
               livenessProbe: {httpGet: {port: http, path: /live}, initialDelaySeconds: 5,
                               periodSeconds: 3, failureThreshold: 2}},
              {name: other, image: "i:1"}]}
            """);
    harness.live(life, Duration.ofSeconds(4));
    assertThat(harness.network.asked).isEmpty();
    harness.network.status = 500;
    harness.live(life, Duration.ofSeconds(3));
    assertThat(harness.network.asked).containsExactly("http://10.0.0.2:80/live");
    assertThat(starts()).doesNotContain("StopContainer web 20s");
    harness.live(life, Duration.ofSeconds(2));
    assertThat(starts())
        .containsExactly(
            "StartContainer web",
            "StartContainer other",
            "StopContainer web 20s",
            "StartContainer web");
    assertThat(life.status().events())
        .extracting(PodEvents.Event::message)
        .contains("Container web failed liveness probe, will be restarted");
  }

  @Test
  void readinessFlipsWithItsProbeAndRestartsNothing() {
    harness.cri.script("web", Script.runsForever());
    harness.network.listens = false;
    PodLife life =
        harness.pod(
            """
            {containers: [{name: web, image: "i:1", readinessProbe:
              {tcpSocket: {port: 80}, periodSeconds: 1, successThreshold: 2, failureThreshold: 1}}]}
            """);
    harness.live(life, Duration.ofSeconds(3));
    assertThat(life.status().printed().ready()).isZero();
    assertThat(condition(life, "Ready")).isFalse();
    harness.network.listens = true;
    harness.live(life, Duration.ofSeconds(1));
    assertThat(life.status().printed().ready()).isZero();
    harness.live(life, Duration.ofSeconds(2));
    assertThat(life.status().printed().ready()).isEqualTo(1);
    assertThat(condition(life, "Ready")).isTrue();
    harness.network.listens = false;
    harness.live(life, Duration.ofSeconds(2));
    assertThat(condition(life, "ContainersReady")).isFalse();
    assertThat(harness.count("StartContainer web")).isEqualTo(1);
  }

  @Test
  void aSlowStarterIsSavedByItsStartupProbe() {
    harness.cri.script("slow", Script.runsForever());
    harness.cri.exec("started", 1);
    harness.cri.exec("alive", 1);
    PodLife life =
        harness.pod(
            """
            {containers: [{name: slow, image: "i:1",
              startupProbe: {exec: {command: [started]}, periodSeconds: 1, failureThreshold: 30},
              livenessProbe: {exec: {command: [alive]}, periodSeconds: 1, failureThreshold: 1}}]}
            """);
    harness.live(life, Duration.ofSeconds(10));
    assertThat(harness.calls()).contains("ExecSync started").doesNotContain("ExecSync alive");
    assertThat(life.status().printed().ready()).isZero();
    harness.cri.exec("started", 0);
    harness.cri.exec("alive", 0);
    harness.live(life, Duration.ofSeconds(3));
    assertThat(life.status().printed().ready()).isEqualTo(1);
    assertThat(harness.calls()).contains("ExecSync alive");
    assertThat(harness.count("StartContainer slow")).isEqualTo(1);
  }

  @Test
  void aStartupProbeThatNeverSucceedsEndsItsContainerWithTheProbesOwnGrace() {
    harness.cri.script("slow", Script.runsForever());
    PodLife life =
        harness.pod(
            """
            {restartPolicy: Never, containers: [{name: slow, image: "i:1", startupProbe:
              {grpc: {port: 9, service: s}, periodSeconds: 1, failureThreshold: 2,
               terminationGracePeriodSeconds: 4}}]}
            """);
    harness.network.health = "NOT_SERVING";
    harness.live(life, Duration.ofSeconds(3));
    assertThat(harness.network.asked).contains("grpc 10.0.0.2:9 s");
    assertThat(starts()).containsExactly("StartContainer slow", "StopContainer slow 4s");
    assertThat(life.status().phase()).isEqualTo(Phase.FAILED);
  }

  @Test
  void thePreStopHookComesBeforeTheSignalAndCountsAgainstTheGracePeriod() {
    harness.cri.script("web", Script.runsForever());
    PodLife life =
        harness.pod(
            """
            {terminationGracePeriodSeconds: 10, containers: [{name: web, image: "i:1",
              lifecycle: {preStop: {sleep: {seconds: 4}}}}]}
            """);
    harness.step(life);
    long before = harness.time.millis();
    life.stop(Optional.empty());
    assertThat(harness.time.millis() - before).isEqualTo(4_000);
    assertThat(starts()).containsExactly("StartContainer web", "StopContainer web 6s");
  }

  @Test
  void aPreStopHookThatTakesTooLongStillLeavesTwoSeconds() {
    harness.cri.script("web", Script.runsForever());
    PodLife life =
        harness.pod(
            """
            {terminationGracePeriodSeconds: 3, containers: [{name: web, image: "i:1",
              lifecycle: {preStop: {sleep: {seconds: 60}}}}]}
            """);
    harness.step(life);
    life.stop(Optional.empty());
    assertThat(starts()).contains("StopContainer web 2s");
  }

  @Test
  void aFailedPostStartHookEndsItsContainer() {
    harness.cri.script("web", Script.runsForever());
    PodLife life =
        harness.pod(
            """
            {restartPolicy: Never, containers: [{name: web, image: "i:1",
              lifecycle: {postStart: {exec: {command: [greet]}}}}]}
            """);
    harness.live(life, Duration.ofSeconds(1));
    assertThat(harness.calls()).contains("ExecSync greet");
    assertThat(starts()).containsExactly("StartContainer web", "StopContainer web 30s");
    assertThat(life.status().events())
        .extracting(PodEvents.Event::reason)
        .contains("FailedPostStartHook");
  }

  @Test
  void aKillWithoutGraceAsksNobody() {
    harness.cri.script("web", Script.runsForever());
    PodLife life =
        harness.pod(
            "{containers: [{name: web, image: 'i:1', lifecycle: {preStop: {exec: {command: [x]}}}}]}");
    harness.step(life);
    life.stop(Optional.of(Duration.ZERO));
    assertThat(starts()).contains("StopContainer web 0s");
    assertThat(harness.calls()).doesNotContain("ExecSync x");
  }

  @Test
  void theLastWordsOfAContainerAreItsMessageOrElseTheEndOfItsLog() throws IOException {
    harness.cri.script("a", Script.runsForever());
    harness.cri.script("b", Script.exits(1).printing("boom"));
    PodLife life =
        harness.pod(
            """
            {restartPolicy: Never, containers: [{name: a, image: "i:1"},
              {name: b, image: "i:1", terminationMessagePolicy: FallbackToLogsOnError}]}
            """);
    harness.step(life);
    Path message =
        harness.cri.config("a").getMountsList().stream()
            .filter(mount -> mount.getContainerPath().equals("/dev/termination-log"))
            .map(mount -> Path.of(mount.getHostPath()))
            .findFirst()
            .orElseThrow();
    Files.write(message, "x".repeat(5_000).getBytes(StandardCharsets.UTF_8));
    harness.cri.exit("a", 2);
    harness.live(life, Duration.ofSeconds(1));

    State a = life.status().ordinary().getFirst().state();
    assertThat(a).isInstanceOf(State.Terminated.class);
    assertThat(((State.Terminated) a).message()).hasSize(4096);
    assertThat(((State.Terminated) life.status().ordinary().get(1).state()).message())
        .isEqualTo("boom");
  }

  @Test
  void anImageThatIsNotToBeHadIsTriedAgainAndSaidSo() {
    PodLife life =
        harness.pod("{containers: [{name: a, image: 'private:1'}], restartPolicy: Never}");
    harness.live(life, Duration.ofSeconds(1));
    assertThat(status(life)).isEqualTo("ImagePullBackOff");
    assertThat(((State.Waiting) life.status().ordinary().getFirst().state()).message())
        .contains("private:1 does not exist in its registry");
    assertThat(harness.count("PullImage private:1")).isEqualTo(1);
    harness.cri.imageInRegistry("private:1");
    harness.live(life, Duration.ofSeconds(15));
    assertThat(life.status().phase()).isEqualTo(Phase.SUCCEEDED);
  }

  @Test
  void aConfigMapThatIsMissingIsWaitedFor() {
    PodLife life =
        harness.pod(
            "{containers: [{name: a, image: 'i:1', envFrom: [{configMapRef: {name: none}}]}]}");
    harness.live(life, Duration.ofSeconds(1));
    assertThat(status(life)).isEqualTo("CreateContainerConfigError");
    assertThat(starts()).isEmpty();
  }

  @Test
  void aMachineThatDiesIsReplacedWithItsContainersByPolicy() {
    harness.cri.script("a", Script.runsForever());
    PodLife life = harness.pod("{containers: [{name: a, image: 'i:1'}]}");
    harness.step(life);
    harness.cri.killMachines();
    harness.live(life, Duration.ofSeconds(25));
    assertThat(harness.count("RunPodSandbox p")).isEqualTo(2);
    assertThat(harness.count("StartContainer a")).isEqualTo(2);
    assertThat(status(life)).isEqualTo("Running");
  }

  @Test
  void aPodBeyondItsDeadlineFails() {
    harness.cri.script("a", Script.runsForever());
    PodLife life = harness.pod("{activeDeadlineSeconds: 5, containers: [{name: a, image: 'i:1'}]}");
    harness.live(life, Duration.ofSeconds(7));
    assertThat(life.isOver()).isTrue();
    assertThat(life.status().failure().reason()).isEqualTo("DeadlineExceeded");
    assertThat(starts()).containsExactly("StartContainer a", "StopContainer a 30s");
  }

  @Test
  void anEmptyDirBeyondItsLimitEvictsThePod() throws IOException {
    harness.cri.script("a", Script.runsForever());
    PodLife life =
        harness.pod(
            """
            {containers: [{name: a, image: "i:1", volumeMounts: [{name: v, mountPath: /v}]}],
             volumes: [{name: v, emptyDir: {sizeLimit: 1Ki}}]}
            """);
    harness.live(life, Duration.ofSeconds(1));
    Files.write(life.folder().volume("v").resolve("big"), new byte[2048]);
    harness.live(life, Duration.ofSeconds(12));
    assertThat(life.status().failure().reason()).isEqualTo("Evicted");
    assertThat(life.status().failure().message())
        .isEqualTo("Usage of EmptyDir volume \"v\" exceeds the limit \"1024\".");
    assertThat(life.isOver()).isTrue();
  }

  @Test
  void anotherProcessGoesOnWithTheLifeThatItFinds() {
    harness.cri.script("first", Script.exits(0));
    harness.cri.script("main", Script.exits(1), Script.runsForever());
    String spec =
        "{initContainers: [{name: first, image: 'i:1'}], containers: [{name: main, image: 'i:1'}]}";
    PodLife before = harness.pod(spec);
    harness.live(before, Duration.ofSeconds(2));
    PodLife after = harness.pod(spec);
    harness.live(after, Duration.ofSeconds(2));

    assertThat(starts())
        .containsExactly("StartContainer first", "StartContainer main", "StartContainer main");
    assertThat(status(after)).isEqualTo("Running");
    assertThat(after.status().ordinary().getFirst().restarts()).isEqualTo(1);
    assertThat(after.status().ordinary().getFirst().last().orElseThrow().exitCode()).isEqualTo(1);
  }

  @Test
  void aContainerThatCannotBeCreatedIsTriedAgain() {
    harness.cri.fail("CreateContainer", Status.INTERNAL.withDescription("the guest said no"));
    harness.cri.script("a", Script.runsForever());
    PodLife life = harness.pod("{containers: [{name: a, image: 'i:1'}]}");
    harness.live(life, Duration.ofSeconds(1));
    assertThat(status(life)).isEqualTo("CreateContainerError");
    harness.cri.fail("CreateContainer", Status.OK);
    harness.live(life, Duration.ofSeconds(15));
    assertThat(status(life)).isEqualTo("Running");
  }

  @Test
  void whatIsStoppedAndRemovedLeavesNothing() throws IOException {
    harness.cri.script("a", Script.runsForever());
    PodLife life =
        harness.pod(
            """
            {containers: [{name: a, image: "i:1", volumeMounts: [{name: v, mountPath: /v, subPath: s}]}],
             volumes: [{name: v, emptyDir: {medium: Memory}}]}
            """);
    harness.step(life);
    assertThat(harness.mounts.mounted()).hasSize(2);
    life.stop(Optional.empty());
    life.remove();
    life.remove();
    harness.cri.checkNothingLeaked();
    assertThat(harness.mounts.mounted()).isEmpty();
    assertThat(life.folder().path()).doesNotExist();
  }

  private static boolean condition(PodLife life, String type) {
    return life.status().conditions().stream()
        .filter(condition -> condition.type().equals(type))
        .findFirst()
        .orElseThrow()
        .is();
  }
}
