package dev.hull.cli.cri;

import dev.hull.cri.v1.VersionRequest;
import io.grpc.ManagedChannel;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.SocketFactory;

/**
 * Connects to a daemon's socket. By grpc-okhttp, which starts in half the time that Netty takes; it
 * wants a {@link Socket}, and the JDK has none for Unix.
 */
public final class UnixSocket extends Socket {
  /** Held, because a logger nobody holds loses its level. */
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  private static final InetSocketAddress NOWHERE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  /** Never dialled. A literal address needs no resolver. */
  private static final String NO_HOST = "127.0.0.1";

  private static final int NO_PORT = 1;

  private final SocketChannel channel;
  private final InputStream in;
  private final OutputStream out;

  private UnixSocket(SocketChannel channel) {
    this.channel = channel;
    this.in = Channels.newInputStream(channel);
    this.out = Channels.newOutputStream(channel);
  }

  /** Does not wait: the first call fails if no daemon answers. */
  public static Cri connect(Path path) {
    GRPC.setLevel(Level.WARNING);
    ManagedChannel channel =
        OkHttpChannelBuilder.forAddress(NO_HOST, NO_PORT)
            .usePlaintext()
            .overrideAuthority("localhost")
            .proxyDetector(target -> null)
            .socketFactory(new Factory(path))
            .build();
    return new Cri(channel, path.toString(), () -> {});
  }

  /**
   * Does what takes long once in a process: a call, which nobody answers. Worth it on a thread of
   * its own, while another finds out whom to ask what.
   */
  public static void rehearse() {
    try (Cri cri = connect(Path.of(""))) {
      var _ = cri.runtime(Cri.QUICK, stub -> stub.version(VersionRequest.getDefaultInstance()));
    } catch (CriException e) {
      // As it should be.
    }
  }

  @Override
  public InputStream getInputStream() {
    return in;
  }

  @Override
  public OutputStream getOutputStream() {
    return out;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  @Override
  public boolean isConnected() {
    return true;
  }

  @Override
  public void setTcpNoDelay(boolean on) {}

  @Override
  public void setSoTimeout(int timeout) {}

  @Override
  public SocketAddress getRemoteSocketAddress() {
    return NOWHERE;
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return NOWHERE;
  }

  /** Connects to the one path, whatever address it is asked for. */
  private static final class Factory extends SocketFactory {
    private final Path path;

    private Factory(Path path) {
      this.path = path;
    }

    @Override
    public Socket createSocket() throws IOException {
      return new UnixSocket(SocketChannel.open(UnixDomainSocketAddress.of(path)));
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      return createSocket();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
        throws IOException {
      return createSocket();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      return createSocket();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
        throws IOException {
      return createSocket();
    }
  }
}
