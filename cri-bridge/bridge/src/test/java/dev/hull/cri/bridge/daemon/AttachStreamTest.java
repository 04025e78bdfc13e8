package dev.hull.cri.bridge.daemon;

import static dev.hull.cri.bridge.daemon.SandboxTest.refused;
import static dev.hull.cri.bridge.daemon.StreamFixture.bytes;
import static dev.hull.cri.bridge.daemon.StreamFixture.json;
import static dev.hull.cri.bridge.daemon.StreamFixture.settled;
import static dev.hull.cri.bridge.daemon.StreamFixture.stream;
import static dev.hull.cri.bridge.daemon.StreamFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hull.cri.bridge.streaming.client.SpdyClient;
import dev.hull.cri.bridge.streaming.client.WebSocketClient;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.StopContainerRequest;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients at a container's first process. */
@Timeout(60)
final class AttachStreamTest {
  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int ERROR = 3;
  private static final String V5 = "v5.channel.k8s.io";
  private static final String V4 = "v4.channel.k8s.io";

  @TempDir Path folder;
  private StreamFixture it;

  @BeforeEach
  void start() throws Exception {
    it = new StreamFixture(folder);
  }

  @AfterEach
  void stop() {
    it.close();
  }

  private String started(String name, String program, boolean stdin, boolean once) {
    String id =
        it.daemon.create(
            it.pod, it.daemon.container(name, program).setStdin(stdin).setStdinOnce(once).build());
    it.daemon.start(id);
    return id;
  }

  private String log(String name) throws Exception {
    return Files.readString(it.daemon.logs().resolve("web").resolve(name).resolve("0.log"));
  }

  @Test
  void severalClientsAndTheLogGetTheSame() throws Exception {
    String id = started("echo", "cat", true, false);
    try (SpdyClient one = SpdyClient.open(it.attach(id, "stdin", "stdout"), V4);
        WebSocketClient two = WebSocketClient.open(it.attach(id, "stdout"), V5)) {
      stream(one, "error");
      SpdyClient.Stream stdin = stream(one, "stdin");
      SpdyClient.Stream stdout = stream(one, "stdout");
      assertThat(two.read(STDOUT)).isEmpty();
      // Whether the taps are in place is seen by what comes through them.
      await()
          .until(
              () -> {
                stdin.write(bytes("."));
                return log("echo").contains(".");
              });
      stdin.write(bytes("hello\n"));
      assertThat(stdout.readUntil("hello\n")).endsWith("hello\n");
      assertThat(two.readUntil(STDOUT, "hello\n")).endsWith("hello\n");
      await().untilAsserted(() -> assertThat(log("echo")).contains("hello"));
    }
    // It runs on, and another client can write.
    try (WebSocketClient three = WebSocketClient.open(it.attach(id, "stdin", "stdout"), V5)) {
      three.send(STDIN, bytes("again\n"));
      assertThat(three.readUntil(STDOUT, "again\n")).endsWith("again\n");
    }
  }

  @Test
  void theInputOfOneWithStdinOnceEndsWithTheFirstClients() throws Exception {
    String id = started("once", "cat", true, true);
    try (SpdyClient client = SpdyClient.open(it.attach(id, "stdin", "stdout"), V4)) {
      SpdyClient.Stream error = stream(client, "error");
      SpdyClient.Stream stdin = stream(client, "stdin");
      SpdyClient.Stream stdout = stream(client, "stdout");
      stdin.write(bytes("all"));
      stdin.finish();
      assertThat(text(stdout.readAll())).isEqualTo("all");
      assertThat(json(error.readAll()).get("status").getAsString()).isEqualTo("Success");
    }
    // A client that has been told of the end asks how it ended, and does not ask again.
    assertThat(it.daemon.status(id).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(it.daemon.status(id).getExitCode()).isZero();
  }

  @Test
  void aClientThatGoesAwayEndsTheInputOfOneWithStdinOnce() throws Exception {
    String id = started("once", "cat", true, true);
    try (WebSocketClient client = WebSocketClient.open(it.attach(id, "stdin", "stdout"), V5)) {
      client.send(STDIN, bytes("x"));
      assertThat(client.readUntil(STDOUT, "x")).isEqualTo("x");
    }
    await().until(() -> it.daemon.status(id).getState() == ContainerState.CONTAINER_EXITED);
  }

  @Test
  void whatIsTypedToOneWithoutInputIsDropped() throws Exception {
    try (WebSocketClient client =
        WebSocketClient.open(it.attach(it.container, "stdin", "stdout"), V5)) {
      client.send(STDIN, new byte[1 << 20]);
      var _ =
          it.daemon
              .runtime()
              .stopContainer(
                  StopContainerRequest.newBuilder()
                      .setContainerId(it.container)
                      .setTimeout(5)
                      .build());
      assertThat(json(client.readAll(ERROR)).get("status").getAsString()).isEqualTo("Success");
    }
  }

  @Test
  void aClientThatDoesNotReadHoldsTheContainerBackAndTheLogGoesOnWithoutIt() throws Exception {
    String id = started("flood", "flood", false, false);
    try (SpdyClient client = SpdyClient.open(it.attach(id, "stdout"), V4)) {
      stream(client, "error");
      SpdyClient.Stream stdout = stream(client, "stdout");
      assertThat(stdout.read()).isNotNull();
      long stopped = settled(it.flooded::get);
      client.disconnect();
      await().until(() -> it.flooded.get() > stopped);
    }
    var _ =
        it.daemon
            .runtime()
            .stopContainer(
                StopContainerRequest.newBuilder().setContainerId(id).setTimeout(0).build());
  }

  @Test
  void aContainerThatEndsBeforeASlowClientHasItsLogWholeAtOnce() throws Exception {
    String id = started("flood", "flood", false, false);
    try (SpdyClient client = SpdyClient.open(it.attach(id, "stdout"), V4)) {
      SpdyClient.Stream error = stream(client, "error");
      SpdyClient.Stream stdout = stream(client, "stdout");
      assertThat(stdout.read()).isNotNull();
      settled(it.flooded::get);
      var _ =
          it.daemon
              .runtime()
              .stopContainer(
                  StopContainerRequest.newBuilder().setContainerId(id).setTimeout(0).build());
      assertThat(it.daemon.status(id).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
      assertThat(stdout.readAll()).isNotEmpty();
      assertThat(text(error.readAll())).contains("Success");
    }
  }

  @Test
  void theCallIsCheckedAsCriSays() {
    refused(
        () -> it.attach(it.container, "stdout", "stderr", "tty"),
        Status.Code.INVALID_ARGUMENT,
        "tty and stderr are both set");
    refused(
        () -> it.attach(it.container),
        Status.Code.INVALID_ARGUMENT,
        "none of stdin, stdout and stderr is set");
    refused(() -> it.attach("abc", "stdout"), Status.Code.NOT_FOUND, "there is no container abc");
    String created = it.daemon.create(it.pod, "second", "sleep");
    refused(
        () -> it.attach(created, "stdout"),
        Status.Code.FAILED_PRECONDITION,
        "cannot attach to the container " + created + ": it does not run");
  }
}
