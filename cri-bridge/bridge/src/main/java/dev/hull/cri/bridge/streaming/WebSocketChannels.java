package dev.hull.cri.bridge.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Streams in a WebSocket: the first byte of each message is the channel's number. Since version 5
 * the message 255, n ends channel n. On the event loop.
 */
final class WebSocketChannels extends SimpleChannelInboundHandler<WebSocketFrame> {
  private static final int END = 255;

  private final Connection connection;
  private final boolean ends;
  private final Map<Integer, MultiplexedStream> readable = new HashMap<>();

  /** Of the message whose frames are coming. */
  private @Nullable MultiplexedStream current;

  /**
   * @param ends whether the client can end a channel
   */
  WebSocketChannels(Connection connection, boolean ends) {
    this.connection = connection;
    this.ends = ends;
  }

  /** A channel of this number. What the client sends on others is dropped. */
  MultiplexedStream channel(int number, boolean clientSends) {
    MultiplexedStream stream = connection.stream(new ChannelFraming(number));
    if (clientSends) {
      readable.put(number, stream);
    }
    return stream;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
    switch (frame) {
      case PingWebSocketFrame ping ->
          connection.answer(new PongWebSocketFrame(ping.content().retain()));
      case CloseWebSocketFrame _ -> connection.finish(goodbye());
      case BinaryWebSocketFrame binary -> first(binary);
      case TextWebSocketFrame text -> first(text);
      case ContinuationWebSocketFrame further -> {
        if (current != null && !connection.draining()) {
          current.received(ByteBufUtil.getBytes(further.content()));
        }
      }
      default -> {
        // An answer to a ping that nobody sent.
      }
    }
  }

  private void first(WebSocketFrame frame) {
    ByteBuf content = frame.content();
    current = null;
    if (!content.isReadable() || connection.draining()) {
      return;
    }
    int number = content.readUnsignedByte();
    if (ends && number == END) {
      end(frame);
      return;
    }
    MultiplexedStream stream = readable.get(number);
    if (stream != null) {
      stream.received(ByteBufUtil.getBytes(content));
      current = stream;
    }
  }

  private void end(WebSocketFrame frame) {
    if (frame.content().readableBytes() != 1 || !frame.isFinalFragment()) {
      connection.finish(
          new CloseWebSocketFrame(
              WebSocketCloseStatus.PROTOCOL_ERROR, "255 is followed by one channel's number"));
      return;
    }
    MultiplexedStream stream = readable.get((int) frame.content().readUnsignedByte());
    if (stream != null) {
      stream.clientEnded();
    }
  }

  /** One message of a channel. */
  static Object message(int number, byte[] bytes) {
    return new ChannelFraming(number).data(bytes, 0, bytes.length);
  }

  static Object goodbye() {
    return new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE);
  }

  private record ChannelFraming(int number) implements MultiplexedStream.Framing {
    @Override
    public Object data(byte[] bytes, int offset, int length) {
      return new BinaryWebSocketFrame(
          Unpooled.wrappedBuffer(
              Unpooled.wrappedBuffer(new byte[] {(byte) number}),
              Unpooled.wrappedBuffer(bytes, offset, length)));
    }

    @Override
    public Optional<Object> end() {
      return Optional.empty();
    }
  }
}
