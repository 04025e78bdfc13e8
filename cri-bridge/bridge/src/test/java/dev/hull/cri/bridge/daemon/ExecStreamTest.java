package dev.hull.cri.bridge.daemon;

import static dev.hull.cri.bridge.daemon.SandboxTest.refused;
import static dev.hull.cri.bridge.daemon.StreamFixture.bytes;
import static dev.hull.cri.bridge.daemon.StreamFixture.json;
import static dev.hull.cri.bridge.daemon.StreamFixture.random;
import static dev.hull.cri.bridge.daemon.StreamFixture.settled;
import static dev.hull.cri.bridge.daemon.StreamFixture.stream;
import static dev.hull.cri.bridge.daemon.StreamFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import dev.hull.cri.bridge.streaming.client.SpdyClient;
import dev.hull.cri.bridge.streaming.client.WebSocketClient;
import dev.hull.cri.v1.ExecRequest;
import dev.hull.vm.MachineId;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A command's streams at a client, over SPDY and over a WebSocket. */
@Timeout(60)
final class ExecStreamTest {
  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int ERROR = 3;
  private static final int RESIZE = 4;
  private static final String V5 = "v5.channel.k8s.io";
  private static final String V4 = "v4.channel.k8s.io";

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  @TempDir Path folder;
  private StreamFixture it;

  @BeforeEach
  void start() throws Exception {
    it = new StreamFixture(folder);
  }

  @AfterEach
  void stop() {
    it.close();
    threads.close();
  }

  @Test
  void aCommandReadsItsInputToTheEndOverSpdy() throws Exception {
    try (SpdyClient client = SpdyClient.open(it.exec("cat", "stdin", "stdout"), V4)) {
      SpdyClient.Stream error = stream(client, "error");
      SpdyClient.Stream stdin = stream(client, "stdin");
      SpdyClient.Stream stdout = stream(client, "stdout");
      stdin.write(bytes("ping"));
      assertThat(stdout.readUntil("ping")).isEqualTo("ping");
      stdin.finish();
      assertThat(stdout.readAll()).isEmpty();
      assertThat(text(error.readAll())).isEqualTo("{\"metadata\":{},\"status\":\"Success\"}");
    }
  }

  @Test
  void aCommandReadsItsInputToTheEndOverAWebSocket() throws Exception {
    try (WebSocketClient client = WebSocketClient.open(it.exec("cat", "stdin", "stdout"), V5, V4)) {
      assertThat(client.protocol()).isEqualTo(V5);
      assertThat(client.read(STDOUT)).as("the sign that it stands").isEmpty();
      client.sendInTwo(STDIN, bytes("pi"), bytes("ng"));
      assertThat(client.readUntil(STDOUT, "ping")).isEqualTo("ping");
      client.end(STDIN);
      assertThat(json(client.readAll(ERROR)).get("status").getAsString()).isEqualTo("Success");
      assertThat(client.awaitClose()).isEqualTo(1000);
    }
  }

  @Test
  void theExitCodeIsInTheStatusAndTheStreamsAreApart() throws Exception {
    try (SpdyClient client = SpdyClient.open(it.exec("fail", "stdout", "stderr"), V4)) {
      SpdyClient.Stream error = stream(client, "error");
      SpdyClient.Stream stdout = stream(client, "stdout");
      SpdyClient.Stream stderr = stream(client, "stderr");
      assertThat(text(stdout.readAll())).isEqualTo("out");
      assertThat(text(stderr.readAll())).isEqualTo("err");
      assertExited(json(error.readAll()));
    }
    try (WebSocketClient client = WebSocketClient.open(it.exec("fail", "stdout", "stderr"), V4)) {
      assertThat(text(client.readAll(STDOUT))).isEqualTo("out");
      assertThat(text(client.readAll(STDERR))).isEqualTo("err");
      assertExited(json(client.readAll(ERROR)));
    }
  }

  private static void assertExited(JsonObject status) {
    assertThat(status.get("status").getAsString()).isEqualTo("Failure");
    assertThat(status.get("reason").getAsString()).isEqualTo("NonZeroExitCode");
    JsonObject cause =
        status.getAsJsonObject("details").getAsJsonArray("causes").get(0).getAsJsonObject();
    assertThat(cause.get("reason").getAsString()).isEqualTo("ExitCode");
    assertThat(cause.get("message").getAsString()).isEqualTo("3");
  }

  @Test
  void versionsBeforeTheFourthAreToldInWords() throws Exception {
    for (String version : List.of("v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io")) {
      try (SpdyClient client = SpdyClient.open(it.exec("fail", "stdout"), version)) {
        SpdyClient.Stream error = stream(client, "error");
        SpdyClient.Stream stdout = stream(client, "stdout");
        assertThat(text(stdout.readAll())).isEqualTo("out");
        assertThat(text(error.readAll()))
            .isEqualTo("command terminated with non-zero exit code: exit status 3");
      }
    }
    try (WebSocketClient client = WebSocketClient.open(it.exec("fail", "stdout"))) {
      assertThat(client.protocol()).isEmpty();
      assertThat(text(client.readAll(ERROR))).startsWith("command terminated with");
    }
  }

  @Test
  void aTerminalHasTheSizesOfTheClients() throws Exception {
    try (SpdyClient client = SpdyClient.open(it.exec("sizes", "stdout", "tty"), V4)) {
      SpdyClient.Stream error = stream(client, "error");
      SpdyClient.Stream stdout = stream(client, "stdout");
      SpdyClient.Stream resize = stream(client, "resize");
      resize.write(bytes("{\"Width\":80,\"Height\":24}\n{\"Width\":0,\"Hei"));
      resize.write(bytes("ght\":0}\n{\"Width\":132,\"Height\":50}\n"));
      assertThat(text(stdout.readAll())).isEqualTo("80x24\n132x50\n");
      assertThat(text(error.readAll())).contains("Success");
    }
    try (WebSocketClient client = WebSocketClient.open(it.exec("sizes", "stdout", "tty"), V5)) {
      client.send(RESIZE, bytes("{\"Width\":81,\"Height\":25}"));
      client.send(RESIZE, bytes("{\"Width\":133,\"Height\":51}"));
      assertThat(text(client.readAll(STDOUT))).isEqualTo("81x25\n133x51\n");
    }
  }

  @Test
  void whatIsNoSizeEndsTheResizingAndNothingElse() throws Exception {
    try (WebSocketClient client =
        WebSocketClient.open(it.exec("cat", "stdin", "stdout", "tty"), V5)) {
      client.send(RESIZE, bytes("[}"));
      client.send(RESIZE, bytes("x".repeat(5000)));
      client.send(STDIN, bytes("still here"));
      assertThat(client.readUntil(STDOUT, "here")).isEqualTo("still here");
    }
  }

  @Test
  void manyBytesGoThroughUnharmedOverSpdy() throws Exception {
    byte[] all = random(5 << 20);
    try (SpdyClient client = SpdyClient.open(it.exec("cat", "stdin", "stdout"), V4)) {
      SpdyClient.Stream error = stream(client, "error");
      SpdyClient.Stream stdin = stream(client, "stdin");
      SpdyClient.Stream stdout = stream(client, "stdout");
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
  void manyBytesGoThroughUnharmedOverAWebSocket() throws Exception {
    byte[] all = random(5 << 20);
    try (WebSocketClient client = WebSocketClient.open(it.exec("cat", "stdin", "stdout"), V5)) {
      Future<?> writing =
          threads.submit(
              () -> {
                client.send(STDIN, all);
                client.end(STDIN);
              });
      assertThat(client.readAll(STDOUT)).isEqualTo(all);
      assertThat(text(client.readAll(ERROR))).contains("Success");
      writing.get();
    }
  }

  @Test
  void aClientThatDoesNotReadStopsTheProcess() throws Exception {
    try (SpdyClient client = SpdyClient.open(it.exec("flood", "stdout"), V4)) {
      SpdyClient.Stream error = stream(client, "error");
      SpdyClient.Stream stdout = stream(client, "stdout");
      long stopped = settled(it.flooded::get);
      // What fits into the buffers of kernel and guest, far below what it would write otherwise.
      assertThat(stopped).isLessThan(32 << 20);
      long read = 0;
      while (read < 2 * stopped) {
        read += Objects.requireNonNull(stdout.read()).length;
      }
      assertThat(it.flooded.get()).isGreaterThan(stopped);
      assertThat(error).isNotNull();
    }
  }

  @Test
  void aProcessThatDoesNotReadStopsTheClient() throws Exception {
    AtomicLong sent = new AtomicLong();
    try (SpdyClient client = SpdyClient.open(it.exec("stubborn", "stdin", "stdout"), V4)) {
      stream(client, "error");
      SpdyClient.Stream stdin = stream(client, "stdin");
      SpdyClient.Stream stdout = stream(client, "stdout");
      assertThat(stdout.readUntil("here")).isEqualTo("here\n");
      byte[] piece = new byte[32 * 1024];
      Future<?> writing =
          threads.submit(
              () -> {
                try {
                  while (sent.get() < 256 << 20) {
                    stdin.write(piece);
                    sent.addAndGet(piece.length);
                  }
                } catch (IOException closed) {
                  return;
                }
              });
      assertThat(settled(sent::get)).isLessThan(64 << 20);
      client.disconnect();
      writing.get();
    }
  }

  @Test
  void aClientThatGoesAwayHangsUpAndACommandThatStaysIsKilled() throws Exception {
    try (SpdyClient client = SpdyClient.open(it.exec("stubborn", "stdout"), V4)) {
      stream(client, "error");
      SpdyClient.Stream stdout = stream(client, "stdout");
      assertThat(stdout.readUntil("here")).isEqualTo("here\n");
    }
    await().until(() -> it.survived.get() == 1);
    await().untilAsserted(this::nothingRuns);
  }

  @Test
  void theDaemonsStopEndsWhatItsClientsRan() throws Exception {
    try (SpdyClient client = SpdyClient.open(it.exec("stubborn", "stdout"), V4)) {
      SpdyClient.Stream error = stream(client, "error");
      SpdyClient.Stream stdout = stream(client, "stdout");
      assertThat(stdout.readUntil("here")).isEqualTo("here\n");
      it.daemon.restart();
      nothingRuns();
      assertThatThrownBy(error::read).hasMessageContaining("has broken stream");
    }
  }

  /** An exec that was not closed would be reported. */
  private void nothingRuns() {
    try {
      it.daemon.machines().checkNothingLeaked();
    } catch (AssertionError leak) {
      assertThat(leak).hasMessageNotContaining("exec");
    }
  }

  @Test
  void aProgramThatIsNotThereIsAFailureWithoutExitCode() throws Exception {
    try (SpdyClient client = SpdyClient.open(it.exec("/nowhere", "stdout"), V4)) {
      SpdyClient.Stream error = stream(client, "error");
      stream(client, "stdout");
      JsonObject status = json(error.readAll());
      assertThat(status.get("reason").getAsString()).isEqualTo("InternalError");
      assertThat(status.get("code").getAsInt()).isEqualTo(500);
      assertThat(status.get("message").getAsString()).contains("/nowhere: no such program");
    }
  }

  @Test
  void aMachineThatDiesEndsTheSession() throws Exception {
    try (SpdyClient client = SpdyClient.open(it.exec("stubborn", "stdout"), V4)) {
      SpdyClient.Stream error = stream(client, "error");
      SpdyClient.Stream stdout = stream(client, "stdout");
      assertThat(stdout.readUntil("here")).isEqualTo("here\n");
      it.daemon.machines().kill(new MachineId(it.pod), "QEMU was killed");
      assertThat(json(error.readAll()).get("status").getAsString()).isEqualTo("Failure");
    }
  }

  @Test
  void theCallIsCheckedAsCriSays() {
    refused(
        () -> it.exec("cat", "stdout", "stderr", "tty"),
        Status.Code.INVALID_ARGUMENT,
        "tty and stderr are both set");
    refused(
        () -> it.exec("cat"),
        Status.Code.INVALID_ARGUMENT,
        "none of stdin, stdout and stderr is set");
    refused(
        () -> it.daemon.runtime().exec(ExecRequest.newBuilder().setStdout(true).build()),
        Status.Code.INVALID_ARGUMENT,
        "cmd must not be empty");
    String created = it.daemon.create(it.pod, "second", "sleep");
    refused(
        () ->
            it.daemon
                .runtime()
                .exec(
                    ExecRequest.newBuilder()
                        .setContainerId(created)
                        .addCmd("cat")
                        .setStdout(true)
                        .build()),
        Status.Code.FAILED_PRECONDITION,
        "it does not run");
    assertThat(it.exec("cat", "stdout").toString())
        .matches("http://127\\.0\\.0\\.1:\\d+/exec/[\\w-]{32}");
  }
}
