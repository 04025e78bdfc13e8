package dev.hull.cri.bridge.stats;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.v1.ListContainerStatsRequest;
import dev.hull.cri.v1.ListContainerStatsResponse;

/** What the running containers use; those of a machine that does not answer are left out. */
public final class ListContainerStatsCall
    implements Call<ListContainerStatsRequest, ListContainerStatsResponse> {
  private final ContainerUsages usages;

  public ListContainerStatsCall(ContainerUsages usages) {
    this.usages = usages;
  }

  @Override
  public ListContainerStatsResponse answer(ListContainerStatsRequest request) {
    return ListContainerStatsResponse.newBuilder()
        .addAllStats(usages.list(request.getFilter()))
        .build();
  }
}
