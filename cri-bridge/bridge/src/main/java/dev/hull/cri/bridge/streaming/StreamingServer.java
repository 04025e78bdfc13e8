package dev.hull.cri.bridge.streaming;

import dev.hull.cri.bridge.session.StreamUrls;
import dev.hull.cri.bridge.session.Ticket;
import dev.hull.cri.bridge.session.Tickets;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves exec, attach and port-forward to whoever has a URL, on a port of 127.0.0.1 that the kernel
 * chooses. A URL begins either protocol: SPDY/3.1 by {@code X-Stream-Protocol-Version}, or a
 * WebSocket. Every session has virtual threads of its own.
 */
public final class StreamingServer implements StreamUrls, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamingServer.class);
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final int MAX_LINE_BYTES = 4096;
  private static final int MAX_HEADER_BYTES = 16 * 1024;
  private static final int MAX_CHUNK_BYTES = 8192;

  /** What may wait to be written before a session's thread has to: enough to keep a socket busy. */
  private static final WriteBufferWaterMark WAITING =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);

  private static final int END_SECONDS = 10;

  private final Tickets tickets;
  private final StreamingLimits limits;
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("stream-", 0).factory());
  private final ChannelGroup clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private @Nullable Channel server;

  public StreamingServer(Tickets tickets, StreamingLimits limits) {
    this.tickets = tickets;
    this.limits = limits;
  }

  /**
   * Serves from when this returns.
   *
   * @throws IOException if there is no port to be had
   */
  public synchronized void start() throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WAITING)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel client) {
                    accept(client);
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), 0))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot serve streams on 127.0.0.1: " + bound.cause().getMessage());
    }
    server = bound.channel();
    LOG.atInfo().addKeyValue("address", server.localAddress()).log("streams are served");
  }

  private void accept(SocketChannel client) {
    if (clients.size() >= limits.connections()) {
      LOG.atWarn()
          .log(
              "a streaming connection is refused: there are {} already; close some",
              limits.connections());
      var _ = client.close();
      return;
    }
    clients.add(client);
    client
        .pipeline()
        .addLast(
            new HttpServerCodec(MAX_LINE_BYTES, MAX_HEADER_BYTES, MAX_CHUNK_BYTES),
            new Gate(tickets, new Upgrades(limits, threads), limits.request()));
  }

  @Override
  public String issue(Ticket ticket) {
    return "http://127.0.0.1:%d/%s/%s".formatted(port(), ticket.verb(), tickets.issue(ticket));
  }

  private synchronized int port() {
    if (server == null || !(server.localAddress() instanceof InetSocketAddress address)) {
      throw new IllegalStateException("the streaming server has not been started");
    }
    return address.getPort();
  }

  /** Breaks all connections off, and waits until what their sessions ran has ended. */
  @Override
  public synchronized void close() {
    if (server != null) {
      server.close().awaitUninterruptibly();
    }
    clients.close().awaitUninterruptibly();
    awaitEvents();
    threads.shutdown();
    try {
      if (!threads.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
        LOG.atWarn().log("streaming sessions did not end within {} s", END_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /**
   * A channel's future is done before its handlers are told, by a task that is not queued yet: it
   * is when a first task of ours has run, and has run when a second one has.
   */
  private void awaitEvents() {
    for (int i = 0; i < 2; i++) {
      loop.submit(() -> {}).awaitUninterruptibly();
    }
  }
}
