package dev.hull.cri.bridge.streaming;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The versions of Kubernetes' remote command protocol. */
enum CommandProtocol {
  V1("channel.k8s.io"),
  V2("v2.channel.k8s.io"),
  /** Has terminal sizes. */
  V3("v3.channel.k8s.io"),
  /** Tells the outcome as JSON. */
  V4("v4.channel.k8s.io"),
  /** Can end standard input over a WebSocket. */
  V5("v5.channel.k8s.io");

  /** In the order in which they are preferred, for the client to read. */
  static final List<String> SPDY_NAMES =
      List.of(V4.protocolName, V3.protocolName, V2.protocolName, V1.protocolName);

  static final List<String> WEB_SOCKET_NAMES =
      List.of(V5.protocolName, V4.protocolName, V1.protocolName);

  private final String protocolName;

  CommandProtocol(String protocolName) {
    this.protocolName = protocolName;
  }

  static Optional<CommandProtocol> named(String name) {
    return Arrays.stream(values())
        .filter(protocol -> protocol.protocolName.equals(name))
        .findFirst();
  }

  boolean resizes() {
    return compareTo(V3) >= 0;
  }

  boolean jsonOutcome() {
    return compareTo(V4) >= 0;
  }

  boolean endsStreams() {
    return this == V5;
  }
}
