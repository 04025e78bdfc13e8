package dev.hull.cli.life;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.cli.life.PodStatus.OfContainer;
import dev.hull.cli.manifest.EphemeralContainer;
import dev.hull.cli.manifest.ManifestException;
import dev.hull.cli.testing.FakeCri.Script;
import dev.hull.cri.v1.NamespaceMode;
import dev.hull.cri.v1.NamespaceOption;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers that are added to a pod that runs. */
final class EphemeralContainersTest {
  private static final String POD =
      "{restartPolicy: Never, containers: [{name: web, image: 'i:1'}, {name: other, image: 'i:1'}]}";

  @TempDir private Path folder;
  private LifeHarness harness;

  @BeforeEach
  void start() throws IOException {
    harness = new LifeHarness(folder);
    harness.cri.script("web", Script.runsForever());
    harness.cri.script("other", Script.runsForever());
    harness.cri.script("tools", Script.runsForever());
  }

  @AfterEach
  void end() {
    harness.close();
  }

  private static void add(PodLife life, String image, String target) throws ManifestException {
    JsonObject source =
        JsonParser.parseString(
                """
                {"name": "tools", "image": "%s", "targetContainerName": "%s"}
                """
                    .formatted(image, target))
            .getAsJsonObject();
    life.add(EphemeralContainer.of(life.pod(), source).container());
  }

  private static State state(PodLife life) {
    return life.status().ephemeral().getFirst().state();
  }

  @Test
  void oneIsStartedOnceAndSeesTheProcessesOfItsTarget() throws ManifestException {
    PodLife life = harness.pod(POD);
    harness.step(life);
    add(life, "i:1", "web");
    add(life, "i:1", "web");
    harness.step(life);

    NamespaceOption namespaces =
        harness.cri.config("tools").getLinux().getSecurityContext().getNamespaceOptions();
    assertThat(namespaces.getPid()).isEqualTo(NamespaceMode.TARGET);
    assertThat(namespaces.getTargetId()).isEqualTo(life.status().ordinary().getFirst().id());
    assertThat(life.status().ephemeral()).extracting(OfContainer::name).containsExactly("tools");
    assertThat(state(life)).isInstanceOf(State.Running.class);

    harness.cri.exit("tools", 1);
    harness.live(life, Duration.ofMinutes(1));
    assertThat(harness.count("StartContainer tools")).isEqualTo(1);
    assertThat(((State.Terminated) state(life)).exitCode()).isEqualTo(1);
    assertThat(life.status().printed().ready()).isEqualTo(2);
    assertThat(life.status().phase()).isEqualTo(Phase.RUNNING);
  }

  @Test
  void oneWaitsForItsTarget() throws ManifestException {
    harness.cri.script("web", Script.exits(0));
    PodLife life = harness.pod(POD);
    harness.step(life);
    add(life, "i:1", "web");
    harness.live(life, Duration.ofSeconds(1));
    assertThat(state(life))
        .isEqualTo(
            new State.Waiting(
                "CreateContainerConfigError",
                "the target container web of container tools does not run"));
    assertThat(harness.calls()).doesNotContain("CreateContainer tools");
  }

  @Test
  void oneCanLookIntoAnInitContainerThatDoesNotEnd() throws ManifestException {
    harness.cri.script("first", Script.runsForever());
    PodLife life =
        harness.pod(
            "{initContainers: [{name: first, image: 'i:1'}],"
                + " containers: [{name: web, image: 'i:1'}]}");
    harness.step(life);
    add(life, "i:1", "first");
    harness.step(life);
    assertThat(state(life)).isInstanceOf(State.Running.class);
    assertThat(life.status().phase()).isEqualTo(Phase.PENDING);
  }

  @Test
  void itsImageIsPulledWhileTheOthersAreLookedAfter() throws ManifestException {
    Queue<Runnable> later = new ArrayDeque<>();
    PodLife life = harness.pod(POD);
    harness.step(life);
    harness.tasks = later::add;
    add(life, "tools:1", "web");
    harness.live(life, Duration.ofSeconds(1));
    assertThat(state(life)).isEqualTo(State.Waiting.CREATING);
    assertThat(later).hasSize(1);

    later.remove().run();
    harness.step(life);
    assertThat(((State.Waiting) state(life)).reason()).isEqualTo("ErrImagePull");
    assertThat(life.status().phase()).isEqualTo(Phase.RUNNING);

    harness.cri.imageInRegistry("tools:1");
    harness.step(life);
    later.remove().run();
    harness.step(life);
    assertThat(state(life)).isInstanceOf(State.Running.class);
  }

  @Test
  void anotherProcessGoesOnWithOne() throws ManifestException {
    PodLife before = harness.pod(POD);
    add(before, "i:1", "web");
    harness.live(before, Duration.ofSeconds(1));
    PodLife after = harness.pod(POD);
    add(after, "i:1", "web");
    harness.live(after, Duration.ofSeconds(1));
    assertThat(harness.count("StartContainer tools")).isEqualTo(1);
    assertThat(state(after)).isInstanceOf(State.Running.class);
  }

  @Test
  void oneEndsWithTheMachineAndIsNotInTheNext() throws ManifestException {
    PodLife life = harness.pod("{containers: [{name: web, image: 'i:1'}]}");
    harness.step(life);
    add(life, "i:1", "web");
    harness.step(life);
    harness.cri.killMachines();
    harness.live(life, Duration.ofSeconds(25));
    assertThat(harness.count("StartContainer web")).isEqualTo(2);
    assertThat(harness.count("StartContainer tools")).isEqualTo(1);
    assertThat(((State.Terminated) state(life)).reason()).isEqualTo("MachineStopped");
  }

  @Test
  void oneEndsWithThePod() throws ManifestException {
    PodLife life = harness.pod(POD);
    harness.step(life);
    add(life, "i:1", "web");
    harness.step(life);
    harness.cri.exit("web", 0);
    harness.cri.exit("other", 0);
    harness.step(life);
    assertThat(harness.calls()).contains("StopContainer tools 30s");
    assertThat(life.status().phase()).isEqualTo(Phase.SUCCEEDED);
    assertThat(life.isOver()).isTrue();
  }
}
