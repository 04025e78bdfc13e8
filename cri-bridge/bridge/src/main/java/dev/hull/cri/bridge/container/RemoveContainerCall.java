package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.v1.RemoveContainerRequest;
import dev.hull.cri.v1.RemoveContainerResponse;

/** Kills what still runs and forgets the container. OK if it is not there. */
public final class RemoveContainerCall
    implements Call<RemoveContainerRequest, RemoveContainerResponse> {
  private final Pods pods;

  public RemoveContainerCall(Pods pods) {
    this.pods = pods;
  }

  @Override
  public RemoveContainerResponse answer(RemoveContainerRequest request) {
    pods.findContainer(request.getContainerId()).ifPresent(pods::remove);
    return RemoveContainerResponse.getDefaultInstance();
  }
}
