package dev.hull.cri.bridge.streaming.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A client that speaks SPDY/3.1 as Kubernetes' clients do. A stream that is not read stops the
 * whole connection after a few frames, as it does with them.
 *
 * <pre>{@code
 * try (SpdyClient client = SpdyClient.open(url, "v4.channel.k8s.io")) {
 *   SpdyClient.Stream error = client.stream(Map.of("streamtype", "error"));
 *   SpdyClient.Stream stdout = client.stream(Map.of("streamtype", "stdout"));
 *   byte[] said = stdout.readAll();
 * }
 * }</pre>
 */
public final class SpdyClient implements AutoCloseable {
  private static final int FRAMES = 16;
  private static final int READ_BYTES = 64 * 1024;

  /** What ends a stream's queue: pieces of it are never empty. */
  private static final byte[] END = new byte[0];

  private final Closeable transport;
  private final InputStream in;
  private final OutputStream out;
  private final EmbeddedChannel encoder = new EmbeddedChannel(codec());
  private final EmbeddedChannel decoder = new EmbeddedChannel(codec());
  private final Map<Integer, Stream> streams = new ConcurrentHashMap<>();
  private final CountDownLatch pong = new CountDownLatch(1);
  private int nextId = 1;

  private SpdyClient(Closeable transport, InputStream in, OutputStream out) {
    this.transport = transport;
    this.in = in;
    this.out = out;
  }

  private static SpdyFrameCodec codec() {
    return new SpdyFrameCodec(SpdyVersion.SPDY_3_1);
  }

  /**
   * Connects and switches protocols.
   *
   * @param protocols for {@code X-Stream-Protocol-Version}, each in a header of its own
   * @throws UpgradeException if the server refuses
   */
  public static SpdyClient open(URI url, String... protocols) throws IOException {
    Socket socket = new Socket(url.getHost(), url.getPort());
    try {
      socket.setTcpNoDelay(true);
      StringBuilder request = new StringBuilder();
      request.append("POST ").append(url.getRawPath()).append(" HTTP/1.1\r\n");
      request.append("Host: ").append(url.getAuthority()).append("\r\n");
      request.append("Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\nContent-Length: 0\r\n");
      for (String protocol : protocols) {
        request.append("X-Stream-Protocol-Version: ").append(protocol).append("\r\n");
      }
      request.append("\r\n");
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      HttpHead head = HttpHead.read(in);
      if (head.status() != 101) {
        throw new UpgradeException(
            head.status(),
            head.headers(),
            new String(in.readAllBytes(), StandardCharsets.UTF_8).strip());
      }
      return begin(new SpdyClient(socket, in, socket.getOutputStream()));
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Connects by a WebSocket that carries SPDY, as port-forwarding may be.
   *
   * @throws UpgradeException if the server refuses
   */
  public static SpdyClient tunnelled(URI url) throws IOException {
    Tunnel tunnel = new Tunnel(url, "SPDY/3.1+portforward.k8s.io");
    return begin(new SpdyClient(tunnel, tunnel.in(), tunnel.out()));
  }

  private static SpdyClient begin(SpdyClient client) {
    Thread.ofVirtual().name("spdy-client").start(client::receive);
    return client;
  }

  /** Opens a stream and waits for the server's reply. */
  public Stream stream(Map<String, String> headers) throws IOException {
    Stream stream;
    synchronized (this) {
      stream = new Stream(nextId);
      nextId += 2;
      streams.put(stream.id, stream);
      SpdySynStreamFrame frame = new DefaultSpdySynStreamFrame(stream.id, 0, (byte) 0);
      headers.forEach((name, value) -> frame.headers().set(name, value));
      send(frame);
    }
    stream.await(stream.replied);
    return stream;
  }

  /** Asks for an answer, and waits for it. Once for each client. */
  public void ping() throws IOException, InterruptedException {
    send(new DefaultSpdyPingFrame(1));
    pong.await();
  }

  private synchronized void send(Object frame) throws IOException {
    var _ = encoder.writeOutbound(frame);
    for (ByteBuf bytes = encoder.readOutbound(); bytes != null; bytes = encoder.readOutbound()) {
      try {
        out.write(ByteBufUtil.getBytes(bytes));
      } finally {
        bytes.release();
      }
    }
  }

  private void receive() {
    byte[] bytes = new byte[READ_BYTES];
    try {
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        var _ = decoder.writeInbound(Unpooled.copiedBuffer(bytes, 0, count));
        for (Object frame = decoder.readInbound(); frame != null; frame = decoder.readInbound()) {
          try {
            take(frame);
          } finally {
            ReferenceCountUtil.release(frame);
          }
        }
      }
    } catch (IOException closed) {
      // Every stream says so.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      streams.values().forEach(Stream::broken);
    }
  }

  private void take(Object frame) throws InterruptedException {
    switch (frame) {
      case SpdySynReplyFrame reply -> of(reply.streamId()).replied.countDown();
      case SpdyDataFrame data -> {
        Stream stream = of(data.streamId());
        if (data.content().isReadable()) {
          stream.queue.put(ByteBufUtil.getBytes(data.content()));
        }
        if (data.isLast()) {
          stream.finished = true;
          stream.queue.put(END);
        }
      }
      case SpdyRstStreamFrame reset -> of(reset.streamId()).broken();
      case SpdyPingFrame _ -> pong.countDown();
      default -> {
        // A GOAWAY, which the end of the connection follows.
      }
    }
  }

  private Stream of(int id) {
    Stream stream = streams.get(id);
    if (stream == null) {
      throw new IllegalStateException("the server speaks of a stream that is none: " + id);
    }
    return stream;
  }

  /** Goes away without a word. */
  public void disconnect() throws IOException {
    transport.close();
  }

  @Override
  public void close() throws IOException {
    disconnect();
  }

  /** One stream. */
  public final class Stream {
    private final int id;
    private final CountDownLatch replied = new CountDownLatch(1);
    private final BlockingQueue<byte[]> queue = new ArrayBlockingQueue<>(FRAMES);
    private volatile boolean broken;
    private volatile boolean finished;
    private boolean ended;

    private Stream(int id) {
      this.id = id;
    }

    private void broken() {
      broken = true;
      replied.countDown();
      // A reader that waits must wake; one that does not finds out after what is here.
      var _ = queue.offer(END);
    }

    private void await(CountDownLatch latch) throws IOException {
      try {
        latch.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }

    public void write(byte[] data) throws IOException {
      send(new DefaultSpdyDataFrame(id, Unpooled.wrappedBuffer(data)));
    }

    /** Nothing more will be written. */
    public void finish() throws IOException {
      send(new DefaultSpdyDataFrame(id).setLast(true));
    }

    /** Wants neither direction any more. */
    public void reset() throws IOException {
      send(new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.CANCEL));
    }

    /**
     * The next bytes; null at the end.
     *
     * @throws IOException if the server reset the stream or closed the connection
     */
    public byte @Nullable [] read() throws IOException {
      try {
        byte[] data = ended ? END : broken ? queue.poll() : queue.take();
        if (data != null && data.length > 0) {
          return data;
        }
        if (!finished) {
          throw new IOException("the server has broken stream " + id + " off");
        }
        ended = true;
        return null;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }

    /** Everything up to the end. */
    public byte[] readAll() throws IOException {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (byte[] data = read(); data != null; data = read()) {
        all.writeBytes(data);
      }
      return all.toByteArray();
    }

    /** As text, until it contains {@code text}, which must come. */
    public String readUntil(String text) throws IOException {
      StringBuilder said = new StringBuilder();
      while (said.indexOf(text) < 0) {
        byte[] data = read();
        if (data == null) {
          throw new IOException("'%s' did not come, but: %s".formatted(text, said));
        }
        said.append(new String(data, StandardCharsets.UTF_8));
      }
      return said.toString();
    }
  }
}
