package dev.hull.cri.bridge.resources;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.UpdatePodSandboxResourcesRequest;
import dev.hull.cri.v1.UpdatePodSandboxResourcesResponse;

/** Grows a pod's machine to the pod's new limits. It never shrinks: less changes nothing. */
public final class UpdatePodSandboxResourcesCall
    implements Call<UpdatePodSandboxResourcesRequest, UpdatePodSandboxResourcesResponse> {
  private final Pods pods;
  private final PodSizes sizes;

  public UpdatePodSandboxResourcesCall(Pods pods, PodSizes sizes) {
    this.pods = pods;
    this.sizes = sizes;
  }

  @Override
  public UpdatePodSandboxResourcesResponse answer(UpdatePodSandboxResourcesRequest request) {
    ResourceFields.check("resources.", request.getResources());
    ResourceFields.check("overhead.", request.getOverhead());
    Sandbox sandbox = pods.sandbox(request.getPodSandboxId());
    sandbox.demandRunning("change the resources of");
    sandbox
        .machine()
        .grow(
            sizes.atLeast(
                request.getResources(),
                request.hasOverhead()
                    ? request.getOverhead()
                    : sandbox.config().getLinux().getOverhead()));
    return UpdatePodSandboxResourcesResponse.getDefaultInstance();
  }
}
