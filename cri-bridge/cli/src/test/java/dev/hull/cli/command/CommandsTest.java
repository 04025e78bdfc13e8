package dev.hull.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.cli.testing.FakeCri.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CommandsTest {
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: web, namespace: shop, uid: u1}
      spec:
        restartPolicy: Never
        containers: [{name: server, image: "nginx:1"}, {name: job, image: "nginx:1"}]
      """;

  @TempDir private Path folder;
  private CommandLineHarness hull;

  @BeforeEach
  void start() throws IOException {
    hull = new CommandLineHarness(folder);
    hull.cri.imagePresent("nginx:1");
    hull.stdin = POD;
    hull.cri.script("server", Script.runsForever().printing("ready"));
    hull.cri.script("job", Script.exits(3).printing("failed"));
  }

  @AfterEach
  void end() {
    hull.close();
  }

  @Test
  void helpListsEveryCommand() {
    assertThat(hull.raw("--help")).isZero();
    assertThat(hull.out())
        .contains(
            "run", "serve", "ps", "logs", "exec", "rm", "pull", "images", "rmi", "load", "inspect",
            "doctor", "demo", "bench");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "frobnicate", "ps --output xml", "run", "exec web", "ps --bogus"})
  void wrongCommandLinesExitWithTwo(String line) {
    assertThat(hull.raw(line.isEmpty() ? new String[0] : line.split(" ", -1)))
        .isEqualTo(ExitCodes.USAGE);
    assertThat(hull.err()).isNotEmpty();
  }

  @Test
  void psShowsPodsAndTheirContainers() {
    detach();
    assertThat(hull.run("ps")).isZero();
    assertThat(hull.out().lines().toList().getFirst())
        .matches("POD ID +NAMESPACE +POD +POD STATE +CONTAINER +STATE +IMAGE +AGE");
    assertThat(hull.out())
        .containsPattern("sandbox1 +shop +web +Ready +server +Running +nginx:1 +58s")
        .containsPattern("sandbox1 +shop +web +Ready +job +Exited \\(3\\) +nginx:1 +\\d+s");
  }

  @Test
  void psForProgramsIsJson() {
    detach();
    assertThat(hull.run("ps", "-o", "json")).isZero();
    JsonObject pod =
        JsonParser.parseString(hull.out())
            .getAsJsonObject()
            .getAsJsonArray("pods")
            .get(0)
            .getAsJsonObject();
    assertThat(pod.get("name").getAsString()).isEqualTo("web");
    assertThat(pod.get("ready").getAsBoolean()).isTrue();
    JsonObject job = pod.getAsJsonArray("containers").get(1).getAsJsonObject();
    assertThat(job.get("exitCode").getAsInt()).isEqualTo(3);
  }

  @Test
  void followedLogsEndWithTheContainer() {
    detach();
    assertThat(hull.run("logs", "-f", "-c", "job", "web")).isZero();
    assertThat(hull.out()).isEqualTo("failed\n");
  }

  @Test
  void execGivesTheOutputAndTheExitCodeOfTheCommand() {
    detach();
    assertThat(hull.run("exec", "web", "-c", "server", "--", "ls", "-l", "--help")).isEqualTo(7);
    assertThat(hull.out()).isEqualTo("out\n");
    assertThat(hull.err()).isEqualTo("err\n");
    assertThat(hull.cri.calls()).contains("ExecSync ls -l --help");
  }

  @Test
  void aPodOrContainerThatIsNotThereIsNamed() {
    detach();
    assertThat(hull.run("exec", "nobody", "ls")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).isEqualTo("hull: there is no pod nobody; see hull ps\n");
    assertThat(hull.run("exec", "-c", "x", "web", "ls")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).contains("has no container x; it has: server, job");
  }

  @Test
  void imagesAreListedAndRemoved() {
    assertThat(hull.run("images")).isZero();
    assertThat(hull.out()).containsPattern("nginx:1 +nginx:1 +73.4MB");
    assertThat(hull.run("rmi", "nginx:1")).isZero();
    assertThat(hull.run("rmi", "nginx:1")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).contains("there is no image nginx:1");
  }

  @Test
  void anImageIsLoadedFromItsLayout() throws IOException {
    Path layout = Files.createDirectories(folder.resolve("layout"));
    assertThat(hull.run("load", layout.toString(), "--name", "mine:1")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).contains("is no OCI layout: it has no index.json");

    Files.writeString(layout.resolve("index.json"), "{}");
    assertThat(hull.run("load", layout.toString(), "--name", "mine:1")).isZero();
    assertThat(hull.cri.calls()).contains("LoadImage mine:1");

    assertThat(hull.run("load")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).isEqualTo("hull: hull load needs either a PATH or --samples\n");
    assertThat(hull.run("load", "--samples")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err()).isEqualTo("hull: the launcher ./hull makes the samples: use that\n");
  }

  @Test
  void inspectIsJsonWithWhatTheRuntimeSays() {
    detach();
    assertThat(hull.run("inspect", "web")).isZero();
    JsonObject root = JsonParser.parseString(hull.out()).getAsJsonObject();
    assertThat(root.getAsJsonObject("info").getAsJsonObject("hull").has("timeline")).isTrue();
    assertThat(root.getAsJsonArray("containers")).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"90s,PT90S", "5m,PT5M", "1h30m,PT1H30M", "500ms,PT0.5S", "0s,PT0S"})
  void durationsAreWrittenAsKubectlDoes(String text, Duration duration) {
    assertThat(Durations.parse(text)).isEqualTo(duration);
  }

  private void detach() {
    assertThat(hull.run("run", "--detach", "-")).isZero();
  }
}
