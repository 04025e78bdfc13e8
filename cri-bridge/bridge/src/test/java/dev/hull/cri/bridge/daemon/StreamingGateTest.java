package dev.hull.cri.bridge.daemon;

import static dev.hull.cri.bridge.daemon.StreamFixture.refused;
import static dev.hull.cri.bridge.daemon.StreamFixture.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cri.bridge.streaming.StreamingLimits;
import dev.hull.cri.bridge.streaming.client.SpdyClient;
import dev.hull.cri.bridge.streaming.client.UpgradeException;
import dev.hull.cri.bridge.streaming.client.WebSocketClient;
import dev.hull.cri.v1.RemoveContainerRequest;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in, and how long. */
@Timeout(60)
final class StreamingGateTest {
  private static final String V4 = "v4.channel.k8s.io";
  private static final StreamingLimits SHORT =
      new StreamingLimits(
          3, Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofMillis(1500));

  @TempDir Path folder;
  private StreamFixture it;

  @BeforeEach
  void start() throws Exception {
    it = new StreamFixture(folder, SHORT);
  }

  @AfterEach
  void stop() {
    it.close();
  }

  @Test
  void aUrlIsGoodOnce() throws Exception {
    URI url = it.exec("fail", "stdout");
    try (SpdyClient client = SpdyClient.open(url, V4)) {
      assertThat(client).isNotNull();
    }
    refused(() -> SpdyClient.open(url, V4), 404);
    refused(() -> WebSocketClient.open(url, V4), 404);
  }

  @Test
  void aUrlOfARemovedContainerStandsForNothing() {
    URI url = it.exec("fail", "stdout");
    var _ =
        it.daemon
            .runtime()
            .removeContainer(
                RemoveContainerRequest.newBuilder().setContainerId(it.container).build());
    refused(() -> SpdyClient.open(url, V4), 404);
  }

  @Test
  void aTokenIsGoodForItsOwnVerbOnly() throws Exception {
    URI url = it.exec("fail", "stdout");
    refused(
        () -> SpdyClient.open(URI.create(url.toString().replace("/exec/", "/attach/")), V4), 404);
    refused(() -> SpdyClient.open(url.resolve("/exec/guess"), V4), 404);
    refused(() -> SpdyClient.open(url.resolve("/"), V4), 404);
    try (SpdyClient client = SpdyClient.open(url, V4)) {
      assertThat(client).as("the token was not used up by the other verb").isNotNull();
    }
  }

  @Test
  void protocolsAreNegotiatedAsKubernetesDoes() throws Exception {
    refused(() -> SpdyClient.open(it.exec("fail", "stdout")), 400);
    assertThatThrownBy(() -> SpdyClient.open(it.exec("fail", "stdout"), "v9.channel.k8s.io"))
        .isInstanceOfSatisfying(
            UpgradeException.class,
            e -> {
              assertThat(e.status()).isEqualTo(403);
              assertThat(e.header("x-accepted-stream-protocol-versions"))
                  .containsExactly(V4, "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io");
            });
    refused(() -> WebSocketClient.open(it.exec("fail", "stdout"), "v9.channel.k8s.io"), 403);
    try (SpdyClient client =
        SpdyClient.open(it.exec("fail", "stdout"), "v9.channel.k8s.io", "v3.channel.k8s.io")) {
      SpdyClient.Stream error = stream(client, "error");
      stream(client, "stdout");
      assertThat(StreamFixture.text(error.readAll())).startsWith("command terminated");
    }
  }

  private String raw(String request) throws Exception {
    URI url = it.exec("fail", "stdout");
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket
          .getOutputStream()
          .write(request.replace("PATH", url.getPath()).getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void whatIsNoUpgradeIsAnsweredAndClosed() throws Exception {
    assertThat(raw("DELETE PATH HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 405 ");
    assertThat(raw("GET PATH HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    assertThat(raw("GET PATH HTTP/1.1\r\nX-Stream-Protocol-Version: " + V4 + "\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ")
        .contains("asks neither for SPDY/3.1 nor for a WebSocket");
    assertThat(raw("GET PATH HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"))
        .startsWith("HTTP/1.1 4");
    assertThat(raw("GET /" + "x".repeat(5000) + " HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    assertThat(raw("GET PATH HTTP/1.1\r\nX: " + "x".repeat(20_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
    assertThat(raw("no http\r\n\r\n")).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void aClientThatSendsNoRequestIsCutOff() throws Exception {
    assertThat(raw("GET ")).isEmpty();
  }

  @Test
  void aClientThatDoesNotOpenItsStreamsIsCutOff() throws Exception {
    try (SpdyClient client = SpdyClient.open(it.exec("fail", "stdout"), V4)) {
      SpdyClient.Stream error = stream(client, "error");
      assertThatThrownBy(error::read).hasMessageContaining("has broken stream");
    }
  }

  @Test
  void aStreamThatWasNotAskedForIsRefused() throws Exception {
    try (SpdyClient client = SpdyClient.open(it.exec("fail", "stdout"), V4)) {
      SpdyClient.Stream stdin = stream(client, "stdin");
      assertThatThrownBy(stdin::read).hasMessageContaining("has broken stream");
      SpdyClient.Stream error = stream(client, "error");
      SpdyClient.Stream second = stream(client, "error");
      assertThatThrownBy(second::read).hasMessageContaining("has broken stream");
      stream(client, "stdout");
      assertThat(StreamFixture.text(error.readAll())).contains("NonZeroExitCode");
    }
  }

  @Test
  void anIdleConnectionIsClosed() throws Exception {
    try (WebSocketClient client =
        WebSocketClient.open(it.attach(it.container, "stdout"), "v5.channel.k8s.io")) {
      assertThat(client.awaitClose()).isNotEqualTo(1000);
    }
  }

  @Test
  void thereAreOnlySoManyConnections() throws Exception {
    URI last = it.exec("fail", "stdout");
    try (WebSocketClient one = WebSocketClient.open(it.attach(it.container, "stdout"), V4);
        WebSocketClient two = WebSocketClient.open(it.attach(it.container, "stdout"), V4);
        WebSocketClient three = WebSocketClient.open(it.attach(it.container, "stdout"), V4)) {
      assertThatThrownBy(() -> SpdyClient.open(last, V4)).isInstanceOf(java.io.IOException.class);
      assertThat(one.protocol() + two.protocol() + three.protocol()).isNotEmpty();
    }
  }

  @Test
  void aWebSocketThatBreaksTheProtocolIsClosed() throws Exception {
    try (WebSocketClient client =
        WebSocketClient.open(it.exec("cat", "stdin", "stdout"), "v5.channel.k8s.io")) {
      client.send(255, new byte[] {0, 1, 2});
      assertThat(client.awaitClose()).isEqualTo(1002);
    }
  }
}
