package dev.hull.agent.connection;

import dev.hull.agent.users.PodNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Reaches the servers of the pod the way its own programs do. */
final class PodServer {
  private static final int CONNECT_MILLIS = 10_000;
  private static final byte[] IPV4 = {127, 0, 0, 1};
  private static final byte[] IPV6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

  private final PodNetwork network;

  PodServer(PodNetwork network) {
    this.network = network;
  }

  /**
   * A connection to {@code port} on localhost. Blocks for at most 10 s an address.
   *
   * @throws IOException if nothing answers on either address; the message says why for each
   */
  Socket connect(int port) throws IOException {
    List<String> reasons = new ArrayList<>();
    for (byte[] address : List.of(IPV4, IPV6)) {
      Socket socket = network.within(PodServer::socket);
      try {
        socket.connect(
            new InetSocketAddress(InetAddress.getByAddress(address), port), CONNECT_MILLIS);
        return socket;
      } catch (IOException e) {
        socket.close();
        reasons.add((address.length == IPV4.length ? "127.0.0.1: " : "::1: ") + e.getMessage());
      }
    }
    throw new IOException(
        "cannot connect to port %d of the pod (%s); does a server listen there?"
            .formatted(port, String.join(", ", reasons)));
  }

  private static Socket socket() throws IOException {
    Socket socket = new Socket();
    // Small answers must not wait for more: the host's side of this is interactive. And it is what
    // makes the kernel's socket, which is of the network where that happens.
    socket.setTcpNoDelay(true);
    return socket;
  }
}
