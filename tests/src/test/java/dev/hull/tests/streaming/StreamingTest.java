package dev.hull.tests.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.cri.bridge.streaming.client.SpdyClient;
import dev.hull.cri.bridge.streaming.client.WebSocketClient;
import dev.hull.cri.v1.AttachRequest;
import dev.hull.cri.v1.ExecRequest;
import dev.hull.cri.v1.PortForwardRequest;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Streams between clients and a real machine. One pod and one container serve all of these. */
@Tag("machine")
@Timeout(300)
final class StreamingTest {
  private static final String V4 = "v4.channel.k8s.io";
  private static final String V5 = "v5.channel.k8s.io";
  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int ERROR = 3;
  private static final int RESIZE = 4;
  private static final int MEGABYTES = 5 << 20;
  private static final int PORT = 7777;

  /** Sends back what comes, to whoever asks on 127.0.0.1 and nowhere else. */
  private static final String ECHO_SERVER =
      """
      exec perl -e '
        use IO::Socket::INET;
        my $server = IO::Socket::INET->new(
            LocalAddr => "127.0.0.1", LocalPort => 7777, Listen => 5, ReuseAddr => 1) or die;
        $| = 1;
        print "listening\\n";
        $SIG{CHLD} = "IGNORE";
        while (my $client = $server->accept) {
          next if fork;
          my $data;
          while (my $count = sysread($client, $data, 65536)) {
            for (my $at = 0; $at < $count;) {
              $at += syswrite($client, $data, $count - $at, $at);
            }
          }
          exit 0;
        }'
      """;

  @TempDir private static Path folder;
  private static final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private static Daemon daemon;
  private static TestPod pod;
  private static String container;

  @BeforeAll
  static void runPod() {
    daemon = new Daemon(folder).start();
    TestPod.load(daemon, TestPod.DEBIAN);
    pod = TestPod.run(daemon, folder.resolve("logs"));
    container = pod.shell("main", "sleep 3600");
  }

  @AfterAll
  static void removePod() {
    try {
      if (pod != null) {
        pod.close();
      }
    } finally {
      daemon.close();
      threads.shutdownNow();
    }
  }

  private static URI exec(List<String> command, boolean stdin, boolean tty) {
    return URI.create(
        daemon
            .cri()
            .runtime()
            .exec(
                ExecRequest.newBuilder()
                    .setContainerId(container)
                    .addAllCmd(command)
                    .setStdin(stdin)
                    .setStdout(true)
                    .setStderr(!tty)
                    .setTty(tty)
                    .build())
            .getUrl());
  }

  private static SpdyClient.Stream stream(SpdyClient client, String type) throws Exception {
    return client.stream(Map.of("streamtype", type));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] random() {
    byte[] all = new byte[MEGABYTES];
    new Random(9).nextBytes(all);
    return all;
  }

  private static String exitCode(byte[] status) {
    JsonObject json = JsonParser.parseString(text(status)).getAsJsonObject();
    assertThat(json.get("reason").getAsString()).isEqualTo("NonZeroExitCode");
    return json.getAsJsonObject("details")
        .getAsJsonArray("causes")
        .get(0)
        .getAsJsonObject()
        .get("message")
        .getAsString();
  }

  @Test
  void aCommandHasItsInputOutputsAndExitCodeOverSpdy() throws Exception {
    List<String> command = List.of("bash", "-c", "cat; echo done >&2; exit 7");
    try (SpdyClient client = SpdyClient.open(exec(command, true, false), V4)) {
      SpdyClient.Stream error = stream(client, "error");
      SpdyClient.Stream stdin = stream(client, "stdin");
      SpdyClient.Stream stdout = stream(client, "stdout");
      SpdyClient.Stream stderr = stream(client, "stderr");
      stdin.write(bytes("typed"));
      stdin.finish();
      assertThat(text(stdout.readAll())).isEqualTo("typed");
      assertThat(text(stderr.readAll())).isEqualTo("done\n");
      assertThat(exitCode(error.readAll())).isEqualTo("7");
    }
  }

  @Test
  void aCommandHasItsInputOutputsAndExitCodeOverAWebSocket() throws Exception {
    List<String> command = List.of("bash", "-c", "cat; echo done >&2; exit 7");
    try (WebSocketClient client = WebSocketClient.open(exec(command, true, false), V5)) {
      client.send(STDIN, bytes("typed"));
      client.end(STDIN);
      assertThat(text(client.readAll(STDOUT))).isEqualTo("typed");
      assertThat(text(client.readAll(STDERR))).isEqualTo("done\n");
      assertThat(exitCode(client.readAll(ERROR))).isEqualTo("7");
    }
  }

  @Test
  void aTerminalHasTheClientsSizeAlsoAfterItChanges() throws Exception {
    try (WebSocketClient client =
        WebSocketClient.open(exec(List.of("bash", "--norc", "-i"), true, true), V5)) {
      client.send(RESIZE, bytes("{\"Width\":111,\"Height\":33}"));
      client.readUntil(STDOUT, "# ");
      awaitSize(client, "33 111");
      client.send(RESIZE, bytes("{\"Width\":122,\"Height\":44}"));
      awaitSize(client, "44 122");
      client.send(STDIN, bytes("exit 5\n"));
      assertThat(exitCode(client.readAll(ERROR))).isEqualTo("5");
    }
  }

  /** The size and what is typed take different ways, so the first answers may be of before. */
  private static void awaitSize(WebSocketClient client, String size) throws Exception {
    String said = "";
    while (!said.contains(size)) {
      client.send(STDIN, bytes("stty size; echo as''ked\n"));
      said = client.readUntil(STDOUT, "asked");
    }
  }

  @Test
  void aClientThatGoesAwayHangsTheTerminalUp() throws Exception {
    try (SpdyClient client =
        SpdyClient.open(
            exec(List.of("bash", "-c", "echo here; exec sleep 4711"), true, true), V4)) {
      stream(client, "error");
      stream(client, "stdin");
      SpdyClient.Stream stdout = stream(client, "stdout");
      stream(client, "resize");
      stdout.readUntil("here");
      assertThat(sleepers()).isOne();
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> sleepers() == 0);
  }

  private static long sleepers() {
    return text(pod.exec(container, "bash", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
                .getStdout()
                .toByteArray())
            .split("sleep 4711", -1)
            .length
        - 1L;
  }

  @Test
  void megabytesGoThroughACommandUnharmed() throws Exception {
    byte[] all = random();
    try (SpdyClient client = SpdyClient.open(exec(List.of("cat"), true, false), V4)) {
      SpdyClient.Stream error = stream(client, "error");
      SpdyClient.Stream stdin = stream(client, "stdin");
      SpdyClient.Stream stdout = stream(client, "stdout");
      stream(client, "stderr");
      Future<?> writing =
          threads.submit(
              () -> {
                stdin.write(all);
                stdin.finish();
                return null;
              });
      assertThat(stdout.readAll()).isEqualTo(all);
      assertThat(text(error.readAll())).contains("Success");
      writing.get();
    }
  }

  @Test
  void whatIsTypedAtAnAttachedContainerIsReadThereAndItsAnswerIsInTheLogToo() throws Exception {
    String reader =
        pod.start(
            pod.create(
                "reader",
                TestPod.DEBIAN,
                "while read line; do echo got $line; done; echo over",
                spec -> spec.setStdin(true).setStdinOnce(true)));
    URI url =
        URI.create(
            daemon
                .cri()
                .runtime()
                .attach(
                    AttachRequest.newBuilder()
                        .setContainerId(reader)
                        .setStdin(true)
                        .setStdout(true)
                        .setStderr(true)
                        .build())
                .getUrl());
    try (WebSocketClient client = WebSocketClient.open(url, V5)) {
      client.send(STDIN, bytes("one\n"));
      client.readUntil(STDOUT, "got one\n");
      client.send(STDIN, bytes("two\n"));
      client.end(STDIN);
      client.readUntil(STDOUT, "over\n");
      assertThat(text(client.readAll(ERROR))).contains("Success");
    }
    assertThat(pod.awaitExit(reader).getExitCode()).isZero();
    assertThat(pod.output(reader)).isEqualTo("got one\ngot two\nover\n");
    pod.removeContainer(reader);
  }

  @Test
  void aServerThatListensOnLocalhostOnlyIsReachedAndMegabytesGoThroughUnharmed() throws Exception {
    String server = pod.shell("server", ECHO_SERVER);
    await().atMost(Duration.ofSeconds(30)).until(() -> pod.output(server).contains("listening"));
    byte[] all = random();
    try (SpdyClient client = SpdyClient.open(portForward(), "portforward.k8s.io")) {
      SpdyClient.Stream error = client.stream(forward("error", "0"));
      SpdyClient.Stream data = client.stream(forward("data", "0"));
      Future<?> writing =
          threads.submit(
              () -> {
                data.write(all);
                data.finish();
                return null;
              });
      assertThat(data.readAll()).isEqualTo(all);
      assertThat(error.readAll()).isEmpty();
      writing.get();
    }
    try (WebSocketClient client = WebSocketClient.open(portForward(), V4)) {
      assertThat(client.read(0)).containsExactly(PORT & 0xff, PORT >> 8);
      client.send(0, bytes("ping"));
      assertThat(client.readUntil(0, "ping")).isEqualTo("ping");
    }
    pod.removeContainer(server);
    try (SpdyClient client = SpdyClient.tunnelled(portForward())) {
      SpdyClient.Stream error = client.stream(forward("error", "0"));
      client.stream(forward("data", "0"));
      assertThat(text(error.readAll()))
          .contains("cannot connect to port 7777 of the pod")
          .contains("Connection refused");
    }
  }

  private static Map<String, String> forward(String type, String request) {
    return Map.of("streamtype", type, "port", Integer.toString(PORT), "requestid", request);
  }

  private static URI portForward() {
    return URI.create(
        daemon
            .cri()
            .runtime()
            .portForward(
                PortForwardRequest.newBuilder().setPodSandboxId(pod.id()).addPort(PORT).build())
            .getUrl());
  }
}
