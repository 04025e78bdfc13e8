package dev.hull.cli.stream;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a forwarded connection ends. */
@Timeout(30)
final class PortStreamTest {
  private static final byte[] NO_FRAME = {(byte) 0xff, (byte) 0xff};
  private static final byte[] NOTHING = {};

  private ServerSocket daemon;
  private ServerSocket listening;

  @BeforeEach
  void start() throws IOException {
    daemon = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    listening = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void end() throws IOException {
    daemon.close();
    listening.close();
  }

  @Test
  void thatTheLocalSideEndsIsNoError() throws IOException {
    Thread.ofVirtual().start(() -> serve(NOTHING, true));
    try (Socket client = new Socket(listening.getInetAddress(), listening.getLocalPort());
        Socket local = listening.accept()) {
      client.shutdownOutput();
      assertThatCode(() -> new PortStream(local).run(url())).doesNotThrowAnyException();
    }
  }

  @Test
  void thatTheDaemonSpeaksNoWebSocketIsOne() throws IOException {
    Thread.ofVirtual().start(() -> serve(NO_FRAME, true));
    try (Socket _ = new Socket(listening.getInetAddress(), listening.getLocalPort());
        Socket local = listening.accept()) {
      assertThatThrownBy(() -> new PortStream(local).run(url()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the connection broke");
    }
  }

  @Test
  void thatTheDaemonHangsUpWithoutAWordIsOne() throws IOException {
    Thread.ofVirtual().start(() -> serve(NOTHING, false));
    try (Socket _ = new Socket(listening.getInetAddress(), listening.getLocalPort());
        Socket local = listening.accept()) {
      assertThatThrownBy(() -> new PortStream(local).run(url()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the daemon has hung up");
    }
  }

  private String url() {
    return "http://127.0.0.1:" + daemon.getLocalPort() + "/";
  }

  /** Answers the handshake, says something, and if it stays reads until the other side ends. */
  private void serve(byte[] bytes, boolean stays) {
    try (Socket connection = daemon.accept()) {
      InputStream in = connection.getInputStream();
      BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      String key = "";
      for (String line = reader.readLine();
          line != null && !line.isEmpty();
          line = reader.readLine()) {
        if (line.regionMatches(true, 0, "Sec-WebSocket-Key: ", 0, 19)) {
          key = line.substring(19);
        }
      }
      byte[] accept =
          MessageDigest.getInstance("SHA-1")
              .digest(
                  (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.UTF_8));
      connection
          .getOutputStream()
          .write(
              ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      + "Sec-WebSocket-Protocol: v4.channel.k8s.io\r\nSec-WebSocket-Accept: "
                      + Base64.getEncoder().encodeToString(accept)
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.UTF_8));
      connection.getOutputStream().write(bytes);
      if (stays) {
        in.transferTo(OutputStream.nullOutputStream());
      }
    } catch (IOException | NoSuchAlgorithmException e) {
      // The other side has aborted, which is what it is asked about.
    }
  }
}
