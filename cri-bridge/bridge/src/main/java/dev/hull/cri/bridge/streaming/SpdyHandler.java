package dev.hull.cri.bridge.streaming;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyGoAwayFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySessionStatus;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The server's side of SPDY/3.1 as Kubernetes uses it: only clients open streams, and there is no
 * flow control by windows, for Go's peer sends no WINDOW_UPDATE; the connection itself pushes back.
 */
final class SpdyHandler extends SimpleChannelInboundHandler<SpdyFrame> {
  /** The header that says what a stream is for. */
  static final String STREAM_TYPE = "streamtype";

  private static final int MAX_CHUNK_BYTES = 16 * 1024;
  private static final int MAX_HEADER_BYTES = 16 * 1024;
  private static final int COMPRESSION_LEVEL = 6;
  private static final int WINDOW_BITS = 15;
  private static final int MEMORY_LEVEL = 8;

  private final Connection connection;
  private final Opener opener;
  private final Map<Integer, MultiplexedStream> streams = new HashMap<>();
  private int lastId;

  /** Who decides what a new stream is for. On the event loop. */
  interface Opener {
    /** False refuses it. */
    boolean open(SpdyHandler spdy, int id, Headers headers, MultiplexedStream stream);
  }

  /** A stream's headers; an absent one is empty. */
  @FunctionalInterface
  interface Headers {
    String get(String name);
  }

  SpdyHandler(Connection connection, Opener opener) {
    this.connection = connection;
    this.opener = opener;
  }

  static SpdyFrameCodec codec() {
    return new SpdyFrameCodec(
        SpdyVersion.SPDY_3_1,
        MAX_CHUNK_BYTES,
        MAX_HEADER_BYTES,
        COMPRESSION_LEVEL,
        WINDOW_BITS,
        MEMORY_LEVEL);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, SpdyFrame frame) {
    if (connection.draining()) {
      return;
    }
    switch (frame) {
      case SpdySynStreamFrame opened -> open(context, opened);
      case SpdyDataFrame data -> {
        MultiplexedStream stream = streams.get(data.streamId());
        // Data of a stream that has ended may still be on its way.
        if (stream != null) {
          stream.received(ByteBufUtil.getBytes(data.content()));
          if (data.isLast()) {
            stream.clientEnded();
            forgetIfOver(data.streamId(), stream);
          }
        }
      }
      case SpdyRstStreamFrame reset -> {
        MultiplexedStream stream = streams.remove(reset.streamId());
        if (stream != null) {
          connection.forget(stream);
          stream.broken();
        }
      }
      case SpdyPingFrame ping -> {
        // Odd ones are the client's; even ones would be answers to ours, and we send none.
        if ((ping.id() & 1) == 1) {
          connection.answer(ping);
        }
      }
      default -> {
        // Settings and windows mean nothing here, and a GOAWAY is followed by the close.
      }
    }
  }

  private void open(ChannelHandlerContext context, SpdySynStreamFrame frame) {
    int id = frame.streamId();
    if ((id & 1) == 0 || id <= lastId || frame.isTruncated() || frame.isInvalid()) {
      var _ = context.close();
      return;
    }
    lastId = id;
    MultiplexedStream stream = connection.stream(new SpdyFraming(id));
    Headers headers = name -> Optional.ofNullable(frame.headers().getAsString(name)).orElse("");
    streams.put(id, stream);
    // The reply goes first: a session that starts now may write at once.
    SpdySynReplyFrame reply = new DefaultSpdySynReplyFrame(id);
    // One without a header makes Go's peer wait for ever.
    reply.headers().set(STREAM_TYPE, headers.get(STREAM_TYPE));
    connection.answer(reply);
    if (!opener.open(this, id, headers, stream)) {
      refuse(id);
      return;
    }
    if (frame.isLast()) {
      stream.clientEnded();
    }
  }

  /** On the event loop. */
  void refuse(int id) {
    MultiplexedStream stream = streams.remove(id);
    if (stream != null) {
      connection.forget(stream);
      stream.broken();
      connection.answer(new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.REFUSED_STREAM));
    }
  }

  /** A session is done with the stream. On any thread. */
  void done(int id) {
    connection.channel().eventLoop().execute(() -> forget(id));
  }

  private void forget(int id) {
    MultiplexedStream stream = streams.remove(id);
    if (stream != null) {
      connection.forget(stream);
    }
  }

  private void forgetIfOver(int id, MultiplexedStream stream) {
    if (!stream.live()) {
      forget(id);
    }
  }

  int openStreams() {
    return streams.size();
  }

  /** What says that no streams are taken any more. */
  Object goodbye() {
    return new DefaultSpdyGoAwayFrame(lastId, SpdySessionStatus.OK);
  }

  private record SpdyFraming(int id) implements MultiplexedStream.Framing {
    @Override
    public Object data(byte[] bytes, int offset, int length) {
      return new DefaultSpdyDataFrame(id, Unpooled.wrappedBuffer(bytes, offset, length));
    }

    @Override
    public Optional<Object> end() {
      return Optional.of(new DefaultSpdyDataFrame(id).setLast(true));
    }
  }
}
