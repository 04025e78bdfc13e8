package dev.hull.cli.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * A port of this host that is listened on. Whoever has it closes it.
 *
 * @param remote the port inside the pod that it stands for
 */
record LocalPort(ServerSocket server, int remote) implements AutoCloseable {
  /** Both loopback addresses, of which one is enough: not every host has IPv6. */
  static final String LOCALHOST = "localhost";

  private static final List<String> LOOPBACK = List.of("127.0.0.1", "::1");

  /**
   * Listens at every address, at the same port of each.
   *
   * @param addresses literal addresses, or {@link #LOCALHOST}
   * @throws UserException if one cannot be listened at; none is then
   */
  static List<LocalPort> listen(List<String> addresses, ForwardedPort port) throws UserException {
    List<LocalPort> listening = new ArrayList<>();
    try {
      for (String address : addresses) {
        // Where any free port will do, the first finds it.
        int local = listening.isEmpty() ? port.local() : listening.getFirst().number();
        if (address.equals(LOCALHOST)) {
          listening.addAll(loopback(local, port.remote()));
        } else {
          listening.add(open(address, local, port.remote()));
        }
      }
    } catch (UserException e) {
      listening.forEach(LocalPort::close);
      throw e;
    }
    return listening;
  }

  private static List<LocalPort> loopback(int wanted, int remote) throws UserException {
    List<LocalPort> listening = new ArrayList<>();
    List<UserException> failures = new ArrayList<>();
    int local = wanted;
    for (String address : LOOPBACK) {
      try {
        LocalPort opened = open(address, local, remote);
        listening.add(opened);
        local = opened.number();
      } catch (UserException e) {
        failures.add(e);
      }
    }
    if (listening.isEmpty()) {
      throw failures.getFirst();
    }
    return listening;
  }

  private static LocalPort open(String address, int port, int remote) throws UserException {
    InetSocketAddress place = new InetSocketAddress(literal(address), port);
    try {
      return new LocalPort(new ServerSocket(port, 0, place.getAddress()), remote);
    } catch (IOException e) {
      throw new UserException(
          ("cannot listen on %s: %s; choose another port, such as :%d for any that is free, or end"
                  + " what has this one (ss -ltnp tells)")
              .formatted(text(place), e.getMessage(), remote),
          e);
    }
  }

  private static InetAddress literal(String address) throws UserException {
    try {
      return InetAddress.ofLiteral(address);
    } catch (IllegalArgumentException e) {
      throw new UserException("--address must be IP addresses or localhost, not " + address, e);
    }
  }

  /** Whoever waits for connections gets an error. Idempotent. */
  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close " + text(), e);
    }
  }

  int number() {
    return server.getLocalPort();
  }

  /** Address and port, as kubectl prints them: {@code 127.0.0.1:8080}, {@code [::1]:8080}. */
  String text() {
    return text(new InetSocketAddress(server.getInetAddress(), number()));
  }

  private static String text(InetSocketAddress place) {
    String address = place.getAddress().getHostAddress();
    if (place.getAddress() instanceof Inet6Address) {
      return "[" + (address.equals("0:0:0:0:0:0:0:1") ? "::1" : address) + "]:" + place.getPort();
    }
    return address + ":" + place.getPort();
  }
}
