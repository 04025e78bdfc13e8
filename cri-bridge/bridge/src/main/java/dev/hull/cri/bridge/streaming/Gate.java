package dev.hull.cri.bridge.streaming;

import dev.hull.cri.bridge.session.Ticket;
import dev.hull.cri.bridge.session.Tickets;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first request of a connection, which is to become something else: finds what its token stands
 * for, negotiates the protocol as Kubernetes' server does, and hands over to {@link Upgrades}.
 * Whatever cannot be upgraded is answered and closed.
 */
final class Gate extends SimpleChannelInboundHandler<HttpObject> {
  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
  private static final String PROTOCOL_VERSION = "X-Stream-Protocol-Version";
  private static final String ACCEPTED_VERSIONS = "X-Accepted-Stream-Protocol-Versions";
  private static final String SPDY = "SPDY/3.1";

  private final Tickets tickets;
  private final Upgrades upgrades;
  private final Duration patience;
  private @Nullable HttpRequest head;
  private @Nullable Future<?> timeout;
  private boolean answered;

  Gate(Tickets tickets, Upgrades upgrades, Duration patience) {
    this.tickets = tickets;
    this.upgrades = upgrades;
    this.patience = patience;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    timeout =
        context
            .executor()
            .schedule(() -> close(context), patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void close(ChannelHandlerContext context) {
    var _ = context.close();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (timeout != null) {
      timeout.cancel(false);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
    if (answered) {
      return;
    }
    if (part.decoderResult().isFailure()) {
      refuse(context, HttpResponseStatus.BAD_REQUEST, "this is no HTTP request, or too long a one");
      return;
    }
    if (part instanceof HttpRequest request) {
      head = request;
    }
    if (part instanceof LastHttpContent && head != null) {
      answered = true;
      serve(context, head);
    }
  }

  private void serve(ChannelHandlerContext context, HttpRequest request) {
    if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.POST)) {
      refuse(context, HttpResponseStatus.METHOD_NOT_ALLOWED, "use GET or POST");
      return;
    }
    String[] path = request.uri().split("\\?", 2)[0].split("/", -1);
    Optional<Ticket> ticket =
        path.length == 3 && path[0].isEmpty() ? tickets.redeem(path[1], path[2]) : Optional.empty();
    if (ticket.isEmpty()) {
      refuse(
          context,
          HttpResponseStatus.NOT_FOUND,
          "this URL stands for nothing: it was used, has expired, or what it was for is removed; ask"
              + " for another");
      return;
    }
    if (asksFor(request, HttpHeaderValues.WEBSOCKET.toString())) {
      webSocket(context, request, ticket.get());
    } else {
      spdy(context, request, ticket.get());
    }
  }

  private static boolean asksFor(HttpRequest request, String protocol) {
    return request.headers().getAll(HttpHeaderNames.CONNECTION).stream()
            .anyMatch(value -> value.toLowerCase(Locale.ROOT).contains("upgrade"))
        && request.headers().getAll(HttpHeaderNames.UPGRADE).stream()
            .anyMatch(value -> value.equalsIgnoreCase(protocol));
  }

  private static List<String> words(List<String> headers) {
    return headers.stream()
        .flatMap(header -> Arrays.stream(header.split(",", -1)))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .toList();
  }

  private void spdy(ChannelHandlerContext context, HttpRequest request, Ticket ticket) {
    List<String> asked = words(request.headers().getAll(PROTOCOL_VERSION));
    if (asked.isEmpty()) {
      refuse(
          context,
          HttpResponseStatus.BAD_REQUEST,
          "unable to upgrade: the header " + PROTOCOL_VERSION + " names no protocol");
      return;
    }
    List<String> served =
        ticket instanceof Ticket.PortForward
            ? List.of(SpdyPortForward.PROTOCOL)
            : CommandProtocol.SPDY_NAMES;
    Optional<String> protocol = asked.stream().filter(served::contains).findFirst();
    if (protocol.isEmpty()) {
      refuse(
          context,
          HttpResponseStatus.FORBIDDEN,
          "unable to upgrade: none of the protocols %s is served; these are: %s"
              .formatted(asked, served),
          new DefaultHttpHeaders().add(ACCEPTED_VERSIONS, served));
      return;
    }
    if (!asksFor(request, SPDY)) {
      refuse(
          context,
          HttpResponseStatus.BAD_REQUEST,
          "unable to upgrade: the request asks neither for %s nor for a WebSocket".formatted(SPDY));
      return;
    }
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    response
        .headers()
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
        .set(HttpHeaderNames.UPGRADE, SPDY)
        .set(PROTOCOL_VERSION, protocol.get());
    var _ = context.writeAndFlush(response);
    upgrades.spdy(context, ticket, protocol.get());
  }

  private void webSocket(ChannelHandlerContext context, HttpRequest request, Ticket ticket) {
    List<String> served =
        ticket instanceof Ticket.PortForward
            ? List.of(TunnelCodec.PROTOCOL, Upgrades.WEB_SOCKET_PORT_FORWARD)
            : CommandProtocol.WEB_SOCKET_NAMES;
    List<String> asked = words(request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
    Optional<String> protocol = asked.stream().filter(served::contains).findFirst();
    if (!asked.isEmpty() && protocol.isEmpty()) {
      refuse(
          context,
          HttpResponseStatus.FORBIDDEN,
          "none of the WebSocket protocols %s is served; these are: %s".formatted(asked, served));
      return;
    }
    if (ticket instanceof Ticket.PortForward forward
        && forward.ports().isEmpty()
        && !protocol.equals(Optional.of(TunnelCodec.PROTOCOL))) {
      refuse(
          context,
          HttpResponseStatus.BAD_REQUEST,
          "the call of PortForward named no ports, and a WebSocket without %s cannot name any"
              .formatted(TunnelCodec.PROTOCOL));
      return;
    }
    try {
      upgrades.webSocket(context, request, ticket, protocol);
    } catch (RuntimeException e) {
      LOG.atDebug().log("a WebSocket handshake failed: {}", e.toString());
      refuse(
          context,
          HttpResponseStatus.BAD_REQUEST,
          "the WebSocket handshake is not valid: " + e.getMessage());
    }
  }

  private void refuse(ChannelHandlerContext context, HttpResponseStatus status, String why) {
    refuse(context, status, why, new DefaultHttpHeaders());
  }

  private void refuse(
      ChannelHandlerContext context, HttpResponseStatus status, String why, HttpHeaders headers) {
    answered = true;
    LOG.atInfo()
        .addKeyValue("status", status.code())
        .log("a streaming request is refused: {}", why);
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            Unpooled.copiedBuffer(why + "\n", StandardCharsets.UTF_8));
    response
        .headers()
        .add(headers)
        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
        .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    var _ = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.atDebug().log("a streaming connection broke off before its upgrade: {}", cause.toString());
    var _ = context.close();
  }
}
