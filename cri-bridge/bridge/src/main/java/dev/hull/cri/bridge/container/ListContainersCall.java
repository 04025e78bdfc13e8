package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerFilter;
import dev.hull.cri.v1.ListContainersRequest;
import dev.hull.cri.v1.ListContainersResponse;
import java.util.List;

/** All containers that pass the filter, oldest first. */
public final class ListContainersCall
    implements Call<ListContainersRequest, ListContainersResponse> {
  private final Pods pods;

  public ListContainersCall(Pods pods) {
    this.pods = pods;
  }

  @Override
  public ListContainersResponse answer(ListContainersRequest request) {
    return ListContainersResponse.newBuilder()
        .addAllContainers(list(pods, request.getFilter()))
        .build();
  }

  static List<Container> list(Pods pods, ContainerFilter filter) {
    return pods.containers().stream()
        .map(ContainerViews::item)
        .filter(container -> passes(container, filter))
        .toList();
  }

  private static boolean passes(Container container, ContainerFilter filter) {
    return container.getId().startsWith(filter.getId())
        && container.getPodSandboxId().startsWith(filter.getPodSandboxId())
        && (!filter.hasState() || container.getState() == filter.getState().getState())
        && container.getLabelsMap().entrySet().containsAll(filter.getLabelSelectorMap().entrySet());
  }
}
