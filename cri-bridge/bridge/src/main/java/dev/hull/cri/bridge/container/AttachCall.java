package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.session.StreamUrls;
import dev.hull.cri.bridge.session.Ticket;
import dev.hull.cri.bridge.session.Wanted;
import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.v1.AttachRequest;
import dev.hull.cri.v1.AttachResponse;
import dev.hull.vm.GuestContainer.State;

/**
 * A URL at which a container's streams can be joined. Whether it has a terminal is the container's
 * own: kubelets ask without one for clients that did not know.
 */
public final class AttachCall implements Call<AttachRequest, AttachResponse> {
  private final Pods pods;
  private final StreamUrls urls;

  public AttachCall(Pods pods, StreamUrls urls) {
    this.pods = pods;
    this.urls = urls;
  }

  @Override
  public AttachResponse answer(AttachRequest request) {
    Wanted wanted =
        Wanted.of(request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
    Container container = pods.container(request.getContainerId());
    if (!(container.guest().state() instanceof State.Running)) {
      throw Refusal.state(
          "cannot attach to the container %s: it does not run".formatted(container.id()));
    }
    return AttachResponse.newBuilder()
        .setUrl(urls.issue(new Ticket.Attach(container, wanted)))
        .build();
  }
}
