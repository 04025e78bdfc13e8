package dev.hull.cri.bridge.streaming;

import dev.hull.cri.bridge.session.Ticket;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Turns a connection from HTTP into what was negotiated, and begins its session. */
final class Upgrades {
  /** Port-forwarding in channels, of ports that the call named. */
  static final String WEB_SOCKET_PORT_FORWARD = "v4.channel.k8s.io";

  private static final int MAX_WEB_SOCKET_FRAME_BYTES = 1024 * 1024;

  private final StreamingLimits limits;
  private final Executor threads;

  Upgrades(StreamingLimits limits, Executor threads) {
    this.limits = limits;
    this.threads = threads;
  }

  /** After the answer that switches protocols has been written. */
  void spdy(ChannelHandlerContext gate, Ticket ticket, String protocol) {
    Connection connection = new Connection(gate.channel(), threads);
    ChannelPipeline pipeline = gate.pipeline();
    pipeline.addLast(idle(), new ReadGate(connection));
    addSpdy(pipeline, connection, ticket, protocol);
    pipeline.remove(gate.handler());
    pipeline.remove(HttpServerCodec.class);
  }

  private void addSpdy(
      ChannelPipeline pipeline, Connection connection, Ticket ticket, String protocol) {
    pipeline.addLast(SpdyHandler.codec());
    if (ticket instanceof Ticket.PortForward forward) {
      pipeline.addLast(
          new SpdyHandler(connection, new SpdyPortForward(connection, forward, limits.creation())));
    } else {
      SpdyCommand command =
          new SpdyCommand(connection, ticket, CommandProtocol.named(protocol).orElseThrow());
      pipeline.addLast(new SpdyHandler(connection, command));
      var _ =
          pipeline
              .channel()
              .eventLoop()
              .schedule(
                  () -> {
                    if (command.waits()) {
                      var _ = pipeline.channel().close();
                    }
                  },
                  limits.creation().toMillis(),
                  TimeUnit.MILLISECONDS);
    }
    pipeline.addLast(new ConnectionEvents(connection));
  }

  private IdleStateHandler idle() {
    return new IdleStateHandler(0, 0, limits.idle().toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Answers the handshake too.
   *
   * @param protocol empty if the client named none
   * @throws RuntimeException if the handshake is not valid
   */
  void webSocket(
      ChannelHandlerContext gate, HttpRequest head, Ticket ticket, Optional<String> protocol) {
    WebSocketServerHandshaker handshaker =
        new WebSocketServerHandshakerFactory(
                "",
                protocol.orElse(null),
                WebSocketDecoderConfig.newBuilder()
                    .maxFramePayloadLength(MAX_WEB_SOCKET_FRAME_BYTES)
                    .allowExtensions(false)
                    .withUTF8Validator(false)
                    .build())
            .newHandshaker(head);
    if (handshaker == null) {
      var _ = WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(gate.channel());
      return;
    }
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            head.protocolVersion(),
            head.method(),
            head.uri(),
            Unpooled.EMPTY_BUFFER,
            head.headers(),
            EmptyHttpHeaders.INSTANCE);
    var _ =
        handshaker
            .handshake(gate.channel(), request)
            .addListener(
                (ChannelFuture done) -> {
                  if (done.isSuccess()) {
                    webSocketIsOpen(gate, ticket, protocol);
                  } else {
                    var _ = done.channel().close();
                  }
                });
  }

  private void webSocketIsOpen(
      ChannelHandlerContext gate, Ticket ticket, Optional<String> protocol) {
    Connection connection = new Connection(gate.channel(), threads);
    ChannelPipeline pipeline = gate.pipeline();
    pipeline.addLast(idle(), new ReadGate(connection));
    if (protocol.equals(Optional.of(TunnelCodec.PROTOCOL))) {
      pipeline.addLast(new TunnelCodec(connection));
      addSpdy(pipeline, connection, ticket, SpdyPortForward.PROTOCOL);
      pipeline.remove(gate.handler());
      return;
    }
    CommandProtocol version = protocol.flatMap(CommandProtocol::named).orElse(CommandProtocol.V1);
    WebSocketChannels channels = new WebSocketChannels(connection, version.endsStreams());
    pipeline.addLast(channels, new ConnectionEvents(connection));
    pipeline.remove(gate.handler());
    WebSocketSessions sessions = new WebSocketSessions(connection, channels);
    if (ticket instanceof Ticket.PortForward forward) {
      sessions.portForward(forward);
    } else {
      sessions.command(ticket, version);
    }
  }
}
