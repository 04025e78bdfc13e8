package dev.hull.guest.channel;

import dev.hull.guest.v1.ConnectionsGrpc;
import dev.hull.guest.v1.ContainersGrpc;
import dev.hull.guest.v1.MachineGrpc;
import dev.hull.guest.v1.NetworkGrpc;
import dev.hull.guest.v1.ProcessesGrpc;
import dev.hull.guest.v1.StatsGrpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/** gRPC over the serial line, set up alike at both ends. */
public final class AgentTransport {
  /** The largest message in bytes that either end takes. */
  public static final int MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

  static final int MAX_METADATA_BYTES = 16 * 1024;

  /**
   * How many bytes may be under way to either end: with HTTP/2's usual 64 KiB an emulated machine
   * spends most of its time in waiting for the other end's leave to go on. It bounds also what a
   * hostile machine can make the daemon keep.
   */
  public static final int WINDOW_BYTES = 1 << 20;

  /** Never dialled: the socket is connected already. A literal address needs no resolver. */
  private static final String PLACEHOLDER_HOST = "127.0.0.1";

  private static final int PLACEHOLDER_PORT = 1;

  private AgentTransport() {}

  /**
   * A channel over one connected socket; it takes the socket over. When the connection is lost the
   * channel fails every call with UNAVAILABLE and does not come back: {@link HostChannel#open}
   * makes the next one.
   */
  public static OkHttpChannelBuilder client(Socket connected) {
    return OkHttpChannelBuilder.forAddress(PLACEHOLDER_HOST, PLACEHOLDER_PORT)
        .usePlaintext()
        .overrideAuthority("agent")
        .proxyDetector(target -> null)
        .disableRetry()
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .maxInboundMetadataSize(MAX_METADATA_BYTES)
        .flowControlWindow(WINDOW_BYTES)
        .socketFactory(new OneSocket(connected));
  }

  /** A server on the guest's channel. */
  public static OkHttpServerBuilder server(GuestChannel channel) {
    return OkHttpServerBuilder.forPort(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), PLACEHOLDER_PORT),
            InsecureServerCredentials.create())
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .maxInboundMetadataSize(MAX_METADATA_BYTES)
        .flowControlWindow(WINDOW_BYTES)
        .socketFactory(new OneServerSocket(channel));
  }

  /**
   * Loads what a server is made of, by making one of every service that is never started. Worth it
   * where another thread has long work to do before the real one can be made.
   */
  public static void preload() {
    var _ =
        OkHttpServerBuilder.forPort(PLACEHOLDER_PORT, InsecureServerCredentials.create())
            .addService(new MachineGrpc.MachineImplBase() {})
            .addService(new NetworkGrpc.NetworkImplBase() {})
            .addService(new ContainersGrpc.ContainersImplBase() {})
            .addService(new ProcessesGrpc.ProcessesImplBase() {})
            .addService(new StatsGrpc.StatsImplBase() {})
            .addService(new ConnectionsGrpc.ConnectionsImplBase() {})
            .build();
  }

  private static final class OneSocket extends SocketFactory {
    private final AtomicReference<@Nullable Socket> socket;

    private OneSocket(Socket socket) {
      this.socket = new AtomicReference<>(socket);
    }

    @Override
    public Socket createSocket() throws IOException {
      Socket taken = socket.getAndSet(null);
      if (taken == null) {
        throw new ConnectException("the connection to the agent was lost");
      }
      return taken;
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

  private static final class OneServerSocket extends ServerSocketFactory {
    private final GuestChannel channel;

    private OneServerSocket(GuestChannel channel) {
      this.channel = channel;
    }

    @Override
    public ServerSocket createServerSocket() {
      return channel;
    }

    @Override
    public ServerSocket createServerSocket(int port) {
      return channel;
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) {
      return channel;
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, InetAddress address) {
      return channel;
    }
  }
}
