package dev.hull.cri.bridge.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;

/** SPDY's bytes in a WebSocket's binary messages, whose borders mean nothing. */
final class TunnelCodec extends MessageToMessageCodec<WebSocketFrame, ByteBuf> {
  /** The subprotocol by which a client asks for it. */
  static final String PROTOCOL = "SPDY/3.1+" + SpdyPortForward.PROTOCOL;

  private final Connection connection;

  TunnelCodec(Connection connection) {
    this.connection = connection;
  }

  @Override
  protected void encode(ChannelHandlerContext context, ByteBuf bytes, List<Object> out) {
    out.add(new BinaryWebSocketFrame(bytes.retain()));
  }

  @Override
  protected void decode(ChannelHandlerContext context, WebSocketFrame frame, List<Object> out) {
    switch (frame) {
      case BinaryWebSocketFrame binary -> out.add(binary.content().retain());
      case ContinuationWebSocketFrame further -> out.add(further.content().retain());
      // Past the codec of SPDY, which knows nothing of it.
      case PingWebSocketFrame ping ->
          connection.answerFrom(context, new PongWebSocketFrame(ping.content().retain()));
      case CloseWebSocketFrame close -> {
        var _ =
            context
                .writeAndFlush(
                    new CloseWebSocketFrame(close.isFinalFragment(), 0, close.content().retain()))
                .addListener(ChannelFutureListener.CLOSE);
      }
      default -> {
        // Text has no meaning here, and nobody sent a ping that could be answered.
      }
    }
  }
}
