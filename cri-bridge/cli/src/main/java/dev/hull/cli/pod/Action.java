package dev.hull.cli.pod;

import java.time.Duration;
import java.util.List;

/** What a probe or a hook does. */
public sealed interface Action {
  /** A program in the container, without a shell. */
  record Exec(List<String> command) implements Action {
    public Exec {
      command = List.copyOf(command);
    }
  }

  /**
   * A page fetched.
   *
   * @param host empty for the pod's address
   */
  record HttpGet(String host, PortRef port, String path, boolean tls, List<Header> headers)
      implements Action {
    public HttpGet {
      headers = List.copyOf(headers);
    }
  }

  /** A header of a request. */
  record Header(String name, String value) {}

  /** A connection made; {@code host} empty for the pod's address. */
  record TcpSocket(String host, PortRef port) implements Action {}

  /** The standard health service asked; {@code service} may be empty. */
  record Grpc(int port, String service) implements Action {}

  /** Nothing, for a while. */
  record Sleep(Duration duration) implements Action {}

  /** A port by number or by the name that one of the container's ports has. */
  sealed interface PortRef {
    record Numbered(int number) implements PortRef {}

    record Named(String name) implements PortRef {}
  }
}
