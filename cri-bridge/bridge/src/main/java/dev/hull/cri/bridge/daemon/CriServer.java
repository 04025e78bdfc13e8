package dev.hull.cri.bridge.daemon;

import dev.hull.cri.bridge.call.CallInterceptor;
import dev.hull.cri.bridge.service.ImageEndpoint;
import dev.hull.cri.bridge.service.RuntimeEndpoint;
import dev.hull.cri.host.HostException;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** CRI over gRPC on a Unix socket. Every call has a virtual thread of its own. */
final class CriServer implements AutoCloseable {
  static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
  private static final int GRACE_SECONDS = 10;
  private static final Logger LOG = LoggerFactory.getLogger(CriServer.class);

  private final RuntimeEndpoint runtime;
  private final ImageEndpoint images;
  private final CallInterceptor interceptor;
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  @Inject
  CriServer(RuntimeEndpoint runtime, ImageEndpoint images, CallInterceptor interceptor) {
    this.runtime = runtime;
    this.images = images;
    this.interceptor = interceptor;
  }

  /** Serves on {@code socket} from when this returns. */
  Running start(Path socket) throws HostException {
    SocketFile file = new SocketFile(socket);
    Path bound = file.prepare();
    Server server =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(bound))
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .executor(calls)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .intercept(interceptor)
            .addService(runtime)
            .addService(images)
            .build();
    try {
      server.start();
    } catch (IOException e) {
      throw new HostException("cannot serve on " + socket + ": " + e.getMessage(), e);
    }
    try {
      file.publish();
    } catch (HostException e) {
      server.shutdownNow();
      throw e;
    }
    return new Running(server, file);
  }

  @Override
  public void close() {
    calls.shutdown();
    loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** A server that answers. */
  record Running(Server server, SocketFile file) implements AutoCloseable {
    void awaitTermination() throws InterruptedException {
      server.awaitTermination();
    }

    /** No new calls; those under way get {@value #GRACE_SECONDS} s. */
    @Override
    public void close() {
      file.remove();
      server.shutdown();
      try {
        if (!server.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
          LOG.atWarn()
              .log("calls under way did not end within {} s and are broken off", GRACE_SECONDS);
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } finally {
        server.shutdownNow();
      }
    }
  }
}
