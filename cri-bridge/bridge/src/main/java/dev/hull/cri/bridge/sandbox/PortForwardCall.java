package dev.hull.cri.bridge.sandbox;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.session.StreamUrls;
import dev.hull.cri.bridge.session.Ticket;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.PortForwardRequest;
import dev.hull.cri.v1.PortForwardResponse;

/**
 * A URL at which a pod's ports can be reached. The ports of the request are for clients that cannot
 * name them in their own protocol.
 */
public final class PortForwardCall implements Call<PortForwardRequest, PortForwardResponse> {
  private static final int MAX_PORT = 65535;

  /** Each is two of the 255 channels of a WebSocket. */
  private static final int MAX_PORTS = 127;

  private final Pods pods;
  private final StreamUrls urls;

  public PortForwardCall(Pods pods, StreamUrls urls) {
    this.pods = pods;
    this.urls = urls;
  }

  @Override
  public PortForwardResponse answer(PortForwardRequest request) {
    for (int port : request.getPortList()) {
      if (port < 1 || port > MAX_PORT) {
        throw Refusal.invalid("port must be 1 to 65535: " + port);
      }
    }
    if (request.getPortCount() > MAX_PORTS) {
      throw Refusal.invalid("port must have at most %d entries".formatted(MAX_PORTS));
    }
    Sandbox sandbox = pods.sandbox(request.getPodSandboxId());
    sandbox.demandRunning("forward ports of");
    return PortForwardResponse.newBuilder()
        .setUrl(urls.issue(new Ticket.PortForward(sandbox, request.getPortList())))
        .build();
  }
}
