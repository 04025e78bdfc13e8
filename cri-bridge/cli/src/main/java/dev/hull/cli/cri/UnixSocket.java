package dev.hull.cli.cri;

import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Connects to a daemon's socket. */
public final class UnixSocket {
  /** Held, because a logger nobody holds loses its level. */
  private static final Logger NETTY = Logger.getLogger("io.netty");

  private static final Logger GRPC = Logger.getLogger("io.grpc");

  private UnixSocket() {}

  /** Does not wait: the first call fails if no daemon answers. */
  public static Cri connect(Path socket) {
    // The JDK's own logging starts in no time. Netty complains that a Unix socket has no
    // keep-alive, which is no news to anybody.
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    NETTY.setLevel(Level.SEVERE);
    GRPC.setLevel(Level.WARNING);
    MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    return new Cri(
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .overrideAuthority("localhost")
            .usePlaintext()
            .eventLoopGroup(group)
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            .build(),
        socket.toString(),
        () -> {
          // Nothing waits for it: its one thread is a daemon and holds no call any more.
          Future<?> _ =
              group.shutdownGracefully(0, Duration.ofSeconds(1).toMillis(), TimeUnit.MILLISECONDS);
        });
  }
}
