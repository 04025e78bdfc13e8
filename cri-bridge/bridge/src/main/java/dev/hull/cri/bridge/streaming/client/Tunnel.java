package dev.hull.cri.bridge.streaming.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Bytes in the binary messages of a WebSocket, as streams. Not by the JDK's client, which takes no
 * protocol with a slash in its name.
 */
final class Tunnel implements Closeable {
  private static final int READ_BYTES = 64 * 1024;
  private static final int MESSAGE_BYTES = 32 * 1024;

  private final Socket socket;
  private final InputStream raw;
  private final EmbeddedChannel encoder = new EmbeddedChannel(new WebSocket13FrameEncoder(true));
  private final EmbeddedChannel decoder =
      new EmbeddedChannel(
          new WebSocket13FrameDecoder(
              WebSocketDecoderConfig.newBuilder()
                  .expectMaskedFrames(false)
                  .maxFramePayloadLength(1 << 20)
                  .build()));

  Tunnel(URI url, String protocol) throws IOException {
    socket = new Socket(url.getHost(), url.getPort());
    try {
      socket.setTcpNoDelay(true);
      raw = socket.getInputStream();
      String request =
          "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                  .formatted(url.getRawPath(), url.getAuthority())
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
              + "Sec-WebSocket-Protocol: %s\r\n\r\n".formatted(protocol);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      HttpHead head = HttpHead.read(raw);
      if (head.status() != 101) {
        throw new UpgradeException(
            head.status(),
            head.headers(),
            new String(raw.readAllBytes(), StandardCharsets.UTF_8).strip());
      }
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  InputStream in() {
    return new InputStream() {
      private final byte[] bytes = new byte[READ_BYTES];
      private ByteBuffer current = ByteBuffer.allocate(0);

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        while (!current.hasRemaining()) {
          WebSocketFrame frame = decoder.readInbound();
          if (frame != null) {
            // Only binary messages have content that matters; the close is followed by the end.
            current = ByteBuffer.wrap(ByteBufUtil.getBytes(frame.content()));
            frame.release();
            continue;
          }
          int count = raw.read(bytes);
          if (count < 0) {
            return -1;
          }
          var _ = decoder.writeInbound(Unpooled.copiedBuffer(bytes, 0, count));
        }
        int count = Math.min(length, current.remaining());
        current.get(into, offset, count);
        return count;
      }
    };
  }

  OutputStream out() {
    return new OutputStream() {
      @Override
      public void write(int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
      }

      @Override
      public void write(byte[] data, int offset, int length) throws IOException {
        for (int at = 0; at < length; at += MESSAGE_BYTES) {
          message(data, offset + at, Math.min(MESSAGE_BYTES, length - at));
        }
      }
    };
  }

  private void message(byte[] data, int offset, int length) throws IOException {
    var _ =
        encoder.writeOutbound(
            new BinaryWebSocketFrame(Unpooled.copiedBuffer(data, offset, length)));
    for (ByteBuf frame = encoder.readOutbound(); frame != null; frame = encoder.readOutbound()) {
      try {
        socket.getOutputStream().write(ByteBufUtil.getBytes(frame));
      } finally {
        frame.release();
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
