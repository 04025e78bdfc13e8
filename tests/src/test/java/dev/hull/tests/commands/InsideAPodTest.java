package dev.hull.tests.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.tests.harness.HullCommand;
import dev.hull.tests.harness.HullProcess;
import dev.hull.tests.harness.LayoutRegistry;
import dev.hull.tests.harness.Pseudoterminal;
import dev.hull.tests.harness.TestEnvironment;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands by which a person gets at a pod that runs: one pod, one daemon, for all of them. */
@Tag("machine")
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class InsideAPodTest {
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final Pattern FORWARDED =
      Pattern.compile("Forwarding from 127.0.0.1:(\\d+) -> 80");

  private final LayoutRegistry registry = new LayoutRegistry(TestEnvironment.samples());
  private final Path root;
  private final String socket;
  private final HullCommand hull;
  private final HullProcess watch;
  private HullProcess daemon;

  /** Starts the pod, while somebody watches. */
  InsideAPodTest(@TempDir Path folder) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    root = Files.createDirectory(folder.resolve("root"));
    Files.writeString(
        root.resolve("hull.yaml"),
        """
        registry:
          mirrors:
            hull.local: ["%s"]
        """
            .formatted(registry.host()));
    socket = folder.resolve("hull.sock").toString();
    daemon = serve();
    hull = new HullCommand(root, Path.of(socket));
    watch = hull("get", "pods", "-w");
    Path pod =
        Files.writeString(
            folder.resolve("pod.yaml"),
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - {name: server, image: "hull.local/nginx:12", imagePullPolicy: IfNotPresent}
                - name: parrot
                  image: hull.local/debian:12
                  imagePullPolicy: IfNotPresent
                  stdin: true
                  command: [/bin/bash, -c, "while read -r line; do echo heard $line; done; sleep 1000"]
            """);
    hull.must("apply", "-f", pod.toString());
  }

  @BeforeAll
  void awaitThePod() {
    watch.awaitOutput("2/2");
  }

  @AfterAll
  void end() {
    try {
      hull.must("delete", "pod", "web", "--grace-period", "0");
    } finally {
      watch.close();
      daemon.close();
      registry.close();
    }
  }

  private HullProcess serve() {
    return HullProcess.start(root, "serve", "--socket", socket, "--root", root.toString())
        .awaitOutput("hull is ready");
  }

  /** With {@code --socket} behind the command's name. */
  private HullProcess hull(String command, String... arguments) {
    return HullProcess.start(root, words(command, arguments));
  }

  private String[] words(String command, String... arguments) {
    String[] words = new String[arguments.length + 3];
    words[0] = command;
    words[1] = "--socket";
    words[2] = socket;
    System.arraycopy(arguments, 0, words, 3, arguments.length);
    return words;
  }

  private JsonArray statuses(String kind) {
    return JsonParser.parseString(hull.must("get", "pod", "web", "-o", "json"))
        .getAsJsonObject()
        .getAsJsonObject("status")
        .getAsJsonArray(kind);
  }

  private JsonObject debugger(String name) {
    for (var status : statuses("ephemeralContainerStatuses")) {
      if (status.getAsJsonObject().get("name").getAsString().equals(name)) {
        return status.getAsJsonObject();
      }
    }
    throw new AssertionError("there is no " + name);
  }

  @Test
  void whoeverWatchesSeesThePodComeUp() {
    assertThat(watch.out().lines().map(line -> line.replaceAll(" +", " ")))
        .first()
        .isEqualTo("NAME READY STATUS RESTARTS AGE");
    assertThat(watch.out())
        .containsPattern("web +0/2 +ContainerCreating")
        .containsPattern("web +2/2 +Running");
  }

  @Test
  void aShellHasTheTerminalThatItIsEnteredFrom() throws IOException {
    try (Pseudoterminal terminal = new Pseudoterminal();
        HullProcess shell =
            HullProcess.start(
                terminal, root, words("exec", "web", "-it", "-c", "parrot", "--", "/bin/bash"))) {
      awaitSeen(terminal, "# ");
      terminal.type("tty; echo $((6 * 7))\n");
      awaitSeen(terminal, "/dev/pts/");
      awaitSeen(terminal, "\n42");
      terminal.resize(123, 45);
      await("the new size is told")
          .atMost(SOON)
          .pollInterval(Duration.ofMillis(500))
          .until(
              () -> {
                terminal.type("stty size\n");
                return terminal.seen().contains("45 123");
              });
      terminal.type("exit 3\n");
      assertThat(shell.exitCode()).as(terminal.seen()).isEqualTo(3);
    }
  }

  private static void awaitSeen(Pseudoterminal terminal, String text) {
    await(text + " is on the terminal")
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> terminal.seen().contains(text));
  }

  @Test
  void aContainerHearsAndIsHeardByWhoeverIsAttached() {
    try (HullProcess attached = hull("attach", "web", "-i", "-c", "parrot")) {
      attached.type("a word\n");
      attached.awaitOutput("heard a word");
    }
    assertThat(hull.must("logs", "web", "-c", "parrot")).contains("heard a word");
  }

  @Test
  void aPortOfThePodIsReachedThroughOneHere() throws Exception {
    try (HullProcess forward = hull("port-forward", "web", ":80");
        HttpClient client = HttpClient.newHttpClient()) {
      forward.awaitOutput("-> 80");
      Matcher found = FORWARDED.matcher(forward.out());
      assertThat(found.find()).as(forward.out()).isTrue();
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + found.group(1) + "/"))
              .timeout(SOON)
              .build();
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("nginx");
      }
    }
  }

  @Test
  void aDebugContainerSeesTheProcessesAndFilesOfItsTarget() {
    try (HullProcess debug =
        hull(
            "debug",
            "web",
            "--image",
            "hull.local/busybox:12",
            "--target",
            "server",
            "-c",
            "tools",
            "-i",
            "--",
            "sh")) {
      debug.type("cat /proc/1/comm; ls /proc/1/root/usr/sbin/nginx\n");
      debug.awaitOutput("nginx\n/proc/1/root/usr/sbin/nginx\n");
      debug.type("exit 5\n");
      assertThat(debug.exitCode()).as(debug.err()).isEqualTo(5);
    }
    await("how it ended is told")
        .atMost(SOON)
        .until(() -> debugger("tools").getAsJsonObject("state").has("terminated"));
    assertThat(hull.must("describe", "pod", "web"))
        .containsPattern("(?s)Ephemeral Containers:.*  tools:.*Exit Code: +5");
    assertThat(hull.must("get", "pod", "web")).containsPattern("web +2/2 +Running +0");
  }

  @Test
  void aDebugContainerIsStillThereAfterTheDaemonsRestart() {
    hull.must(
        "debug", "web", "--image", "hull.local/busybox:12", "-c", "lasting", "--", "sleep", "1000");
    await("it runs")
        .atMost(SOON)
        .ignoreExceptions()
        .until(() -> debugger("lasting").getAsJsonObject("state").has("running"));
    String before = debugger("lasting").get("containerID").getAsString();
    daemon.close();
    daemon = serve();
    assertThat(hull.must("exec", "web", "-c", "lasting", "--", "echo", "here")).isEqualTo("here\n");
    hull.must("debug", "web", "--image", "hull.local/busybox:12", "-c", "later", "--", "id");
    await("another one can be added")
        .atMost(SOON)
        .ignoreExceptions()
        .until(() -> debugger("later").getAsJsonObject("state").has("terminated"));
    assertThat(debugger("lasting").get("containerID").getAsString()).isEqualTo(before);
  }
}
