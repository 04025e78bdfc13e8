package dev.hull.cri.bridge.daemon;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Where something listens that asks nobody who he is. */
final class LoopbackAddress {
  private static final int MAX_PORT = 65_535;

  private LoopbackAddress() {}

  /**
   * {@code 127.0.0.1:9470} or {@code [::1]:9470}; names are not looked up.
   *
   * @throws IllegalArgumentException otherwise
   */
  static InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    try {
      if (colon > 0) {
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        InetAddress address =
            InetAddress.ofLiteral(bracketed ? host.substring(1, host.length() - 1) : host);
        int port = Integer.parseInt(text.substring(colon + 1));
        if (address.isLoopbackAddress() && port >= 0 && port <= MAX_PORT) {
          return new InetSocketAddress(address, port);
        }
      }
    } catch (IllegalArgumentException _) {
      // Said below, with what would do.
    }
    throw new IllegalArgumentException(
        "must be an address of this host alone with a port, as 127.0.0.1:9470: " + text);
  }
}
