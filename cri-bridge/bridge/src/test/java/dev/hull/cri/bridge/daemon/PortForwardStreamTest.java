package dev.hull.cri.bridge.daemon;

import static dev.hull.cri.bridge.daemon.SandboxTest.refused;
import static dev.hull.cri.bridge.daemon.StreamFixture.bytes;
import static dev.hull.cri.bridge.daemon.StreamFixture.random;
import static dev.hull.cri.bridge.daemon.StreamFixture.settled;
import static dev.hull.cri.bridge.daemon.StreamFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cri.bridge.streaming.client.SpdyClient;
import dev.hull.cri.bridge.streaming.client.WebSocketClient;
import dev.hull.cri.v1.PortForwardRequest;
import dev.hull.cri.v1.StopPodSandboxRequest;
import dev.hull.vm.FakeServer;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
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

/** Ports of a pod at a client. */
@Timeout(60)
final class PortForwardStreamTest {
  private static final String SPDY = "portforward.k8s.io";
  private static final String V4 = "v4.channel.k8s.io";

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  @TempDir Path folder;
  private StreamFixture it;

  @BeforeEach
  void start() throws Exception {
    it = new StreamFixture(folder);
    it.daemon.machines().server(80, FakeServer.ECHOES);
    it.daemon
        .machines()
        .server(
            81,
            io -> {
              io.write(bytes("bye"));
            });
  }

  @AfterEach
  void stop() {
    it.close();
    threads.close();
  }

  private record Forward(SpdyClient.Stream error, SpdyClient.Stream data) {}

  private static Forward forward(SpdyClient client, int port, String request) throws IOException {
    return new Forward(
        client.stream(
            Map.of("streamtype", "error", "port", Integer.toString(port), "requestid", request)),
        client.stream(
            Map.of("streamtype", "data", "port", Integer.toString(port), "requestid", request)));
  }

  @Test
  void connectionsAreSideBySideAndEndOnTheirOwn() throws Exception {
    try (SpdyClient client = SpdyClient.open(it.portForward(), SPDY)) {
      Forward one = forward(client, 80, "0");
      Forward two = forward(client, 80, "1");
      Forward three = forward(client, 81, "2");
      one.data().write(bytes("one"));
      two.data().write(bytes("two"));
      assertThat(two.data().readUntil("two")).isEqualTo("two");
      assertThat(one.data().readUntil("one")).isEqualTo("one");
      assertThat(text(three.data().readAll())).isEqualTo("bye");
      three.data().finish();
      assertThat(three.error().readAll()).isEmpty();
      one.data().finish();
      assertThat(one.data().readAll()).isEmpty();
      assertThat(one.error().readAll()).isEmpty();
      two.data().write(bytes("more"));
      assertThat(two.data().readUntil("more")).isEqualTo("more");
      client.ping();
    }
  }

  @Test
  void manyBytesGoThroughUnharmed() throws Exception {
    byte[] all = random(5 << 20);
    try (SpdyClient client = SpdyClient.open(it.portForward(), SPDY)) {
      Forward forward = forward(client, 80, "0");
      Future<?> writing =
          threads.submit(
              () -> {
                forward.data().write(all);
                forward.data().finish();
                return null;
              });
      assertThat(forward.data().readAll()).isEqualTo(all);
      writing.get();
    }
  }

  @Test
  void aWebSocketCanCarrySpdy() throws Exception {
    byte[] all = random(1 << 20);
    try (SpdyClient client = SpdyClient.tunnelled(it.portForward())) {
      Forward forward = forward(client, 80, "0");
      Future<?> writing =
          threads.submit(
              () -> {
                forward.data().write(all);
                forward.data().finish();
                return null;
              });
      assertThat(forward.data().readAll()).isEqualTo(all);
      writing.get();
    }
  }

  @Test
  void channelsOfAWebSocketBeginWithTheirPort() throws Exception {
    try (WebSocketClient client = WebSocketClient.open(it.portForward(80, 81, 1000), V4)) {
      assertThat(client.read(0)).containsExactly(80, 0);
      assertThat(client.read(1)).containsExactly(80, 0);
      assertThat(client.read(2)).containsExactly(81, 0);
      assertThat(text(Objects.requireNonNull(client.read(2)))).isEqualTo("bye");
      assertThat(client.read(5)).containsExactly(1000 & 0xff, 1000 >> 8);
      assertThat(text(Objects.requireNonNull(client.read(5)))).contains("port 1000");
      client.send(0, bytes("ping"));
      assertThat(client.readUntil(0, "ping")).isEqualTo("ping");
    }
  }

  @Test
  void aWebSocketOfConnectionsThatHaveAllEndedIsClosed() throws Exception {
    try (WebSocketClient client = WebSocketClient.open(it.portForward(81), V4)) {
      assertThat(client.readAll(0)).isEqualTo(new byte[] {81, 0, 'b', 'y', 'e'});
      assertThat(client.awaitClose()).isEqualTo(1000);
    }
  }

  @Test
  void aPortThatNobodyListensOnIsAnErrorOfThatConnection() throws Exception {
    try (SpdyClient client = SpdyClient.open(it.portForward(), SPDY)) {
      Forward closed = forward(client, 9999, "0");
      assertThat(text(closed.error().readAll()))
          .startsWith("error forwarding port 9999 to pod " + it.pod)
          .contains("nothing listens");
      assertThat(closed.data().readAll()).isEmpty();
      Forward open = forward(client, 80, "1");
      open.data().write(bytes("x"));
      assertThat(open.data().readUntil("x")).isEqualTo("x");
    }
  }

  @Test
  void clientsOfOldThatGiveNoRequestIdArePairedByTheirOrder() throws Exception {
    try (SpdyClient client = SpdyClient.open(it.portForward(), SPDY)) {
      client.stream(Map.of("streamtype", "error", "port", "80"));
      SpdyClient.Stream data = client.stream(Map.of("streamtype", "data", "port", "80"));
      data.write(bytes("old"));
      assertThat(data.readUntil("old")).isEqualTo("old");
    }
  }

  @Test
  void aStreamThatMakesNoSenseIsRefused() throws Exception {
    try (SpdyClient client = SpdyClient.open(it.portForward(), SPDY)) {
      for (Map<String, String> headers :
          java.util.List.of(
              Map.of("streamtype", "data", "port", "0", "requestid", "0"),
              Map.of("streamtype", "data", "port", "65536", "requestid", "0"),
              Map.of("streamtype", "data", "requestid", "0"),
              Map.of("streamtype", "sideways", "port", "80", "requestid", "0"))) {
        SpdyClient.Stream stream = client.stream(headers);
        assertThatThrownBy(stream::read).hasMessageContaining("has broken stream");
      }
    }
  }

  @Test
  void aServerThatDoesNotReadStopsTheClient() throws Exception {
    it.daemon.machines().server(82, io -> Thread.sleep(Long.MAX_VALUE));
    AtomicLong sent = new AtomicLong();
    byte[] piece = new byte[32 * 1024];
    try (SpdyClient client = SpdyClient.open(it.portForward(), SPDY)) {
      Forward forward = forward(client, 82, "0");
      Future<?> writing =
          threads.submit(
              () -> {
                try {
                  while (sent.get() < 256 << 20) {
                    forward.data().write(piece);
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
  void aClientThatResetsItsStreamClosesTheConnection() throws Exception {
    AtomicLong ended = new AtomicLong();
    it.daemon
        .machines()
        .server(
            83,
            io -> {
              try {
                io.write(bytes("hi"));
                byte[] data = io.read();
                while (data != null) {
                  data = io.read();
                }
              } finally {
                ended.incrementAndGet();
              }
            });
    try (SpdyClient client = SpdyClient.open(it.portForward(), SPDY)) {
      Forward forward = forward(client, 83, "0");
      assertThat(forward.data().readUntil("hi")).isEqualTo("hi");
      forward.data().reset();
      org.awaitility.Awaitility.await().until(() -> ended.get() == 1);
    }
  }

  @Test
  void theCallIsChecked() {
    refused(() -> it.portForward(0), Status.Code.INVALID_ARGUMENT, "port must be 1 to 65535: 0");
    refused(
        () -> it.portForward(65536),
        Status.Code.INVALID_ARGUMENT,
        "port must be 1 to 65535: 65536");
    refused(
        () ->
            it.daemon
                .runtime()
                .portForward(PortForwardRequest.newBuilder().setPodSandboxId("abc").build()),
        Status.Code.NOT_FOUND,
        "there is no pod sandbox abc");
    StreamFixture.refused(() -> WebSocketClient.open(it.portForward(), V4), 400);
    var _ =
        it.daemon
            .runtime()
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(it.pod).build());
    refused(() -> it.portForward(80), Status.Code.FAILED_PRECONDITION, "it has stopped");
  }
}
