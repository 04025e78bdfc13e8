package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerFilter;
import dev.hull.cri.v1.ListContainersRequest;
import dev.hull.cri.v1.ListContainersResponse;

/** All containers that pass the filter, oldest first. */
public final class ListContainersCall
    implements Call<ListContainersRequest, ListContainersResponse> {
  private final Pods pods;

  public ListContainersCall(Pods pods) {
    this.pods = pods;
  }

  @Override
  public ListContainersResponse answer(ListContainersRequest request) {
    ContainerFilter filter = request.getFilter();
    ListContainersResponse.Builder response = ListContainersResponse.newBuilder();
    pods.containers().stream()
        .map(ContainerViews::item)
        .filter(container -> passes(container, filter))
        .forEach(response::addContainers);
    return response.build();
  }

  private static boolean passes(Container container, ContainerFilter filter) {
    return container.getId().startsWith(filter.getId())
        && container.getPodSandboxId().startsWith(filter.getPodSandboxId())
        && (!filter.hasState() || container.getState() == filter.getState().getState())
        && container.getLabelsMap().entrySet().containsAll(filter.getLabelSelectorMap().entrySet());
  }
}
