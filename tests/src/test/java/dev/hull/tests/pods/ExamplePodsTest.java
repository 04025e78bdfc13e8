package dev.hull.tests.pods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.tests.harness.HullCommand;
import dev.hull.tests.harness.HullCommand.Result;
import dev.hull.tests.harness.HullProcess;
import dev.hull.tests.harness.LayoutRegistry;
import dev.hull.tests.harness.TestEnvironment;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * The Pods of the folder {@code tests/pods}, which the README shows, each in a machine of its own
 * below one {@code hull serve}. What takes long is begun before all others.
 */
@Tag("machine")
@Timeout(420)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ExamplePodsTest {
  private static final Duration SOON = Duration.ofMinutes(4);
  private static final Path EXAMPLES = Path.of("pods");
  private static final Path HOOKS = Path.of("/var/tmp/hull-hooks");
  private static final Path TOGETHER = Path.of("/var/tmp/hull-together");
  private static final String USER = "robot:s3cret";

  private final Path folder;
  private final LayoutRegistry registry;
  private final LayoutRegistry locked;
  private final HullProcess daemon;
  private final HullCommand hull;

  ExamplePodsTest() throws IOException {
    folder = Files.createTempDirectory(Path.of("/var/tmp"), "hull-pods");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    registry = new LayoutRegistry(TestEnvironment.samples());
    locked = LayoutRegistry.locked(TestEnvironment.samples(), USER);
    Path root = Files.createDirectory(folder.resolve("root"));
    Files.writeString(
        root.resolve("hull.yaml"),
        """
        registry:
          mirrors:
            hull.local: ["%s"]
        """
            .formatted(registry.host()));
    Path socket = folder.resolve("hull.sock");
    daemon =
        HullProcess.start(root, "serve", "--socket", socket.toString(), "--root", root.toString());
    daemon.awaitOutput("hull is ready");
    hull = new HullCommand(root, socket);
  }

  @BeforeAll
  void beginWhatTakesLong() {
    for (String early : List.of("01-war-and-tomcat", "07-limits", "08-probes", "10-names")) {
      apply(early);
    }
  }

  @AfterAll
  void end() throws IOException {
    try {
      String left = hull.run("get", "pods", "-A").out();
      left.lines()
          .skip(1)
          .map(line -> line.split(" +", -1)[1])
          .forEach(pod -> hull.must("delete", "pod", pod, "--grace-period", "0"));
      assertThat(hull.must("ps").lines().toList()).as("pods left").hasSize(1);
    } finally {
      daemon.close();
      registry.close();
      locked.close();
      for (Path path : List.of(folder, HOOKS, TOGETHER)) {
        delete(path);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> tree = Files.walk(folder)) {
        for (Path path : tree.toList().reversed()) {
          Files.delete(path);
        }
      }
    }
  }

  private void apply(String example) {
    hull.must("apply", "-f", file(example));
  }

  private static String file(String example) {
    return EXAMPLES.resolve(example + ".yaml").toString();
  }

  private JsonObject status(String pod) {
    return JsonParser.parseString(hull.must("get", "pod", pod, "-o", "json"))
        .getAsJsonObject()
        .getAsJsonObject("status");
  }

  /** Of a container by its name, among all kinds of them. */
  private JsonObject container(String pod, String name) {
    JsonObject status = status(pod);
    return Stream.of("initContainerStatuses", "containerStatuses")
        .filter(kind -> status != null && status.has(kind))
        .flatMap(kind -> status.getAsJsonArray(kind).asList().stream())
        .map(JsonElement::getAsJsonObject)
        .filter(container -> container.get("name").getAsString().equals(name))
        .findFirst()
        .orElseGet(JsonObject::new);
  }

  private void awaitThat(String what, Callable<Boolean> condition) {
    await(what + "\n" + hull.run("get", "pods").out())
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(250))
        .ignoreExceptions()
        .until(condition);
  }

  private void awaitColumn(String pod, String text) {
    awaitThat(pod + " is " + text, () -> hull.must("get", "pod", pod).contains(text));
  }

  private String awaitLog(String pod, String container, String text) {
    awaitThat(pod + " writes " + text, () -> log(pod, container).contains(text));
    return log(pod, container);
  }

  private String log(String pod, String container) {
    Result result = hull.run("logs", pod, "-c", container);
    return result.out() + result.err();
  }

  @Test
  void aWebApplicationOfItsOwnImageIsServedByTomcat() {
    String address = awaitAddress("war");
    awaitThat(
        "the servlet answers",
        () -> get("http://" + address + ":8080/sample/hello?name=hull").contains("hull"));
    assertThat(get("http://" + address + ":8080/sample/hello?name=hull"))
        .isEqualTo("Hello from a servlet to hull\n");
    assertThat(get("http://" + address + ":8080/sample/")).contains("A page of the sample");
  }

  private String awaitAddress(String pod) {
    awaitThat(pod + " has an address", () -> status(pod).has("podIP"));
    return status(pod).get("podIP").getAsString();
  }

  private static String get(String uri) {
    try (HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(20)).build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aSidecarShipsLogsAndEndsAfterTheApplication() {
    apply("02-log-collection");
    awaitColumn("collected", "Completed");
    assertThat(log("collected", "shipper")).isEqualTo("one line\nlast words\n");
    assertThat(finished("collected", "shipper"))
        .isGreaterThanOrEqualTo(finished("collected", "app"));
  }

  private String finished(String pod, String container) {
    return container(pod, container)
        .getAsJsonObject("state")
        .getAsJsonObject("terminated")
        .get("finishedAt")
        .getAsString();
  }

  @Test
  void containersTalkOverLocalhostAndByFilesOfTheHost() {
    apply("03-two-containers");
    awaitColumn("together", "Completed");
    assertThat(log("together", "client")).contains("from the server");
    assertThat(TOGETHER.resolve("done")).exists();
  }

  @Test
  void aShellSignalsTheServerBesideIt() {
    apply("04-shared-processes");
    awaitLog("shared-processes", "shell", "signalled");
    awaitLog("shared-processes", "nginx", "reconfiguring");
    assertThat(container("shared-processes", "nginx").get("restartCount").getAsInt()).isZero();
    hull.must("delete", "-f", file("04-shared-processes"));
  }

  @Test
  void dataOfAClaimOutlivesThePodAndThatOfAnEmptyDirTheContainer() {
    apply("05-redis");
    awaitRedis("lasting", "6379");
    awaitRedis("fleeting", "6380");
    assertThat(redis("lasting", "6379", "set", "k", "kept")).contains("OK");
    assertThat(redis("fleeting", "6380", "set", "k", "here")).contains("OK");
    // It saves, and ends; the policy starts it again.
    redis("fleeting", "6380", "shutdown", "save");
    awaitThat(
        "redis is started again",
        () -> container("redis", "fleeting").get("restartCount").getAsInt() == 1);
    awaitRedis("fleeting", "6380");
    assertThat(redis("fleeting", "6380", "get", "k")).contains("here");

    assertThat(redis("lasting", "6379", "save")).contains("OK");
    hull.must("delete", "pod", "redis");
    apply("05-redis");
    awaitRedis("lasting", "6379");
    awaitRedis("fleeting", "6380");
    assertThat(redis("lasting", "6379", "get", "k")).contains("kept");
    assertThat(redis("fleeting", "6380", "get", "k")).doesNotContain("here");

    hull.must("delete", "-f", file("05-redis"));
    assertThat(folder.resolve("root/claims/default/redis-data")).doesNotExist();
  }

  private void awaitRedis(String container, String port) {
    awaitThat("redis answers", () -> redis(container, port, "ping").contains("PONG"));
  }

  private String redis(String container, String port, String... command) {
    List<String> words =
        Stream.concat(
                Stream.of("redis", "-c", container, "--", "redis-cli", "-p", port),
                Stream.of(command))
            .toList();
    return hull.run("exec", words.toArray(String[]::new)).out();
  }

  @Test
  void aContainerIsToldByVariablesAndFilesAndSeesTheirSourcesChange() throws IOException {
    apply("06-told");
    String told = awaitLog("told", "told", "\ntold\n");
    assertThat(told.lines())
        .contains(
            "FROM_colour=blue",
            "FROM_shape=round",
            "JOINED=text and $(PLAIN)",
            "POD=told",
            "IP=" + status("told").get("podIP").getAsString(),
            "TIER=test",
            "LIMIT=128",
            "CPU=100",
            "COLOUR=blue",
            "PASSWORD=s3cret",
            "app=\"told\"",
            "tier=\"test\"");
    assertThat(hull.must("exec", "told", "--", "stat", "-Lc", "%a", "/files/deep/password"))
        .isEqualTo("400\n");
    String other = Files.readString(EXAMPLES.resolve("06-told.yaml")).replace("blue", "green");
    Path changed = Files.writeString(folder.resolve("changed.yaml"), other);
    assertThat(hull.must("apply", "-f", changed.toString()))
        .contains("configmap/settings configured", "pod/told unchanged");
    awaitThat(
        "the file changes",
        () -> hull.must("exec", "told", "--", "cat", "/files/colour").equals("green"));
    // As in Kubernetes: a part of a volume is mounted as it was.
    assertThat(hull.must("exec", "told", "--", "cat", "/one")).isEqualTo("blue");
    hull.must("delete", "-f", file("06-told"));
  }

  @Test
  void limitsHoldAndTheNeighboursLive() {
    awaitThat(
        "the eater is started again",
        () -> container("limits", "eater").get("restartCount").getAsInt() >= 1);
    awaitThat(
        "the eater was killed for its memory",
        () -> hull.must("describe", "pod", "limits").contains("OOMKilled"));
    assertThat(awaitLog("limits", "filler", "full")).contains("No space left on device");
    String burnt = awaitLog("limits", "burner", "percent ");
    // A fifth of a CPU and a fifth of that more; less where the host had none to give.
    assertThat(Integer.parseInt(burnt.strip().substring("percent ".length()))).isBetween(8, 24);
    for (String neighbour : List.of("filler", "burner")) {
      assertThat(container("limits", neighbour).get("restartCount").getAsInt()).isZero();
    }
    hull.must("delete", "-f", file("07-limits"));
  }

  @Test
  void probesRestartWhatIsSickAndTellWhatIsReady() {
    awaitThat(
        "the sick one is started again",
        () -> container("probes", "sick").get("restartCount").getAsInt() >= 1);
    assertThat(hull.must("describe", "pod", "probes")).contains("failed liveness probe");
    awaitThat(
        "the slow one has started", () -> container("probes", "slow").get("ready").getAsBoolean());
    assertThat(container("probes", "slow").get("restartCount").getAsInt()).isZero();
    assertThat(container("probes", "web").get("ready").getAsBoolean()).isFalse();
    hull.must("exec", "probes", "-c", "web", "--", "touch", "/usr/share/nginx/html/ready");
    awaitThat("web is ready", () -> container("probes", "web").get("ready").getAsBoolean());
    hull.must("exec", "probes", "-c", "web", "--", "rm", "/usr/share/nginx/html/ready");
    awaitThat("web is not ready", () -> !container("probes", "web").get("ready").getAsBoolean());
    assertThat(container("probes", "web").get("restartCount").getAsInt()).isZero();
    hull.must("delete", "-f", file("08-probes"));
  }

  @Test
  void theHookComesFirstThenTheSignalAndTheEndIsWithinTheGracePeriod() throws IOException {
    apply("09-hooks");
    awaitColumn("hooks", "2/2");
    awaitThat("the hook ran", () -> Files.exists(HOOKS.resolve("polite")));
    hull.must("delete", "-f", file("09-hooks"));
    List<String> polite = Files.readAllLines(HOOKS.resolve("polite"));
    assertThat(polite.getFirst()).isEqualTo("started");
    assertThat(polite.get(1)).startsWith("hook ");
    assertThat(polite.get(2)).startsWith("term ");
    assertThat(seconds(polite.get(2)) - seconds(polite.get(1))).isBetween(2L, 6L);
    long asked = seconds(Files.readString(HOOKS.resolve("stubborn")).strip());
    long last = Long.parseLong(Files.readString(HOOKS.resolve("stubborn-last")).strip());
    assertThat(last - asked).isBetween(4L, 9L);
  }

  private static long seconds(String line) {
    return Long.parseLong(line.substring(line.indexOf(' ') + 1));
  }

  @Test
  void namesAreWrittenAsKubernetesWritesThemAndPodsFindEachOther() {
    String said = awaitLog("named", "named", "reached");
    String full = "first.team.default.svc.cluster.local";
    assertThat(said.lines())
        .contains(
            full,
            "# Kubernetes-managed hosts file.",
            status("named").get("podIP").getAsString() + "\t" + full + "\tfirst",
            "# Entries added by HostAliases.",
            "192.0.2.7\tseven\tseven.example",
            "nameserver 192.0.2.53",
            "search example.test",
            "options ndots:2 edns0");
    hull.must("delete", "-f", file("10-names"));
  }

  @Test
  void aCapabilityAddedIsThereAndOneDroppedIsNot() {
    apply("11-capabilities");
    awaitThat(
        "the containers have ended",
        () ->
            List.of("Succeeded", "Failed")
                .contains(status("capabilities").get("phase").getAsString()));
    for (String name : List.of("admin", "plain", "harmless")) {
      assertThat(
              container("capabilities", name)
                  .getAsJsonObject("state")
                  .getAsJsonObject("terminated")
                  .get("exitCode")
                  .getAsInt())
          .as(name + ": " + log("capabilities", name))
          .isZero();
    }
  }

  @Test
  void aPrivateImageWantsTheRightPassword() throws IOException {
    String text =
        Files.readString(EXAMPLES.resolve("12-private-image.yaml"))
            .replace("REGISTRY", locked.host())
            .replace("RIGHT", base64(USER))
            .replace("WRONG", base64("robot:guess"));
    Path file = Files.writeString(folder.resolve("private.yaml"), text);
    hull.must("apply", "-f", file.toString());
    awaitColumn("private", "Completed");
    assertThat(log("private", "private")).isEqualTo("let in\n");
    awaitColumn("shut-out", "ImagePullBackOff");
    // Why the Secret's password did not do, and not that none was given.
    assertThat(hull.must("describe", "pod", "shut-out"))
        .contains(locked.host(), "the credentials are refused")
        .doesNotContain("wants a user name");
    hull.must("delete", "-f", file.toString());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
