package dev.hull.cri.bridge.resources;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.ContainerFacts;
import dev.hull.cri.bridge.store.Notes;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.UpdateContainerResourcesRequest;
import dev.hull.cri.v1.UpdateContainerResourcesResponse;
import dev.hull.vm.ContainerSpec.Resources;
import dev.hull.vm.GuestContainer.State;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes a container's limits while it runs, all of them or none; what is 0 or empty in the
 * request stays as it is. The machine is grown first where the containers' limits need it, and
 * keeps what it has if the guest then refuses.
 */
public final class UpdateContainerResourcesCall
    implements Call<UpdateContainerResourcesRequest, UpdateContainerResourcesResponse> {
  private static final String FIELD = "linux.";

  private final Pods pods;
  private final PodSizes sizes;

  public UpdateContainerResourcesCall(Pods pods, PodSizes sizes) {
    this.pods = pods;
    this.sizes = sizes;
  }

  @Override
  public UpdateContainerResourcesResponse answer(UpdateContainerResourcesRequest request) {
    if (request.hasWindows()) {
      throw Refusal.field("windows", "the guest is Linux; leave it out");
    }
    ResourceFields.check(FIELD, request.getLinux());
    Container container = pods.container(request.getContainerId());
    container.lifecycle().lock();
    try {
      update(container, request.getLinux());
    } finally {
      container.lifecycle().unlock();
    }
    return UpdateContainerResourcesResponse.getDefaultInstance();
  }

  private void update(Container container, LinuxContainerResources update) {
    LinuxContainerResources before = container.config().getLinux().getResources();
    LinuxContainerResources after = ResourceChange.of(before, update);
    Resources limits = ResourceLimits.of(FIELD, after);
    int oomScoreAdj = ResourceLimits.oomScoreAdj(FIELD, after);
    grow(container, before, after);
    ContainerConfig.Builder config = container.config().toBuilder();
    config.getLinuxBuilder().setResources(after);
    ContainerFacts facts = container.facts().with(config.build());
    container.guest().update(limits, oomScoreAdj, Notes.container(facts));
    container.facts(facts);
  }

  private void grow(
      Container container, LinuxContainerResources before, LinuxContainerResources after) {
    LinuxContainerResources overhead = container.sandbox().config().getLinux().getOverhead();
    if (sizes.atLeast(before, overhead).covers(sizes.atLeast(after, overhead))) {
      return;
    }
    List<LinuxContainerResources> all = new ArrayList<>(List.of(after));
    for (Container other : pods.containersOf(container.sandbox())) {
      if (other != container && !(other.guest().state() instanceof State.Exited)) {
        all.add(other.config().getLinux().getResources());
      }
    }
    container.sandbox().machine().grow(sizes.atLeast(PodSizes.sum(all), overhead));
  }
}
