package dev.hull.cri.bridge.sandbox;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.v1.ListPodSandboxRequest;
import dev.hull.cri.v1.ListPodSandboxResponse;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.PodSandboxFilter;
import java.util.List;

/** All sandboxes that pass the filter, oldest first. */
public final class ListPodSandboxCall
    implements Call<ListPodSandboxRequest, ListPodSandboxResponse> {
  private final Pods pods;

  public ListPodSandboxCall(Pods pods) {
    this.pods = pods;
  }

  @Override
  public ListPodSandboxResponse answer(ListPodSandboxRequest request) {
    return ListPodSandboxResponse.newBuilder().addAllItems(list(pods, request.getFilter())).build();
  }

  static List<PodSandbox> list(Pods pods, PodSandboxFilter filter) {
    return pods.sandboxes().stream()
        .filter(sandbox -> sandbox.id().startsWith(filter.getId()))
        .filter(sandbox -> !filter.hasState() || sandbox.state() == filter.getState().getState())
        .filter(
            sandbox ->
                sandbox
                    .config()
                    .getLabelsMap()
                    .entrySet()
                    .containsAll(filter.getLabelSelectorMap().entrySet()))
        .map(SandboxViews::item)
        .toList();
  }
}
