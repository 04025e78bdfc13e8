package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.log.LogPump;
import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.v1.ReopenContainerLogRequest;
import dev.hull.cri.v1.ReopenContainerLogResponse;
import dev.hull.vm.GuestContainer.State;
import java.io.IOException;

/**
 * Goes on with a container's log in a new file, after the old one was moved away. Refused, and no
 * file made, unless it runs.
 */
public final class ReopenContainerLogCall
    implements Call<ReopenContainerLogRequest, ReopenContainerLogResponse> {
  private final Pods pods;

  public ReopenContainerLogCall(Pods pods) {
    this.pods = pods;
  }

  @Override
  public ReopenContainerLogResponse answer(ReopenContainerLogRequest request) {
    Container container = pods.container(request.getContainerId());
    LogPump pump =
        container
            .pump()
            .filter(_ -> container.state() instanceof State.Running)
            .orElseThrow(
                () ->
                    Refusal.state(
                        "cannot reopen the log of the container %s: it does not run"
                            .formatted(container.id())));
    try {
      pump.reopen();
    } catch (IOException e) {
      throw Refusal.state(
          "cannot reopen the log of the container %s: %s"
              .formatted(container.id(), e.getMessage()));
    }
    return ReopenContainerLogResponse.getDefaultInstance();
  }
}
