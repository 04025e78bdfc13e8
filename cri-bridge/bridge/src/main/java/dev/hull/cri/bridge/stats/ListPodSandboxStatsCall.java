package dev.hull.cri.bridge.stats;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.v1.ListPodSandboxStatsRequest;
import dev.hull.cri.v1.ListPodSandboxStatsResponse;

/** What the running sandboxes use; one whose machine does not answer is left out. */
public final class ListPodSandboxStatsCall
    implements Call<ListPodSandboxStatsRequest, ListPodSandboxStatsResponse> {
  private final SandboxUsages usages;

  public ListPodSandboxStatsCall(SandboxUsages usages) {
    this.usages = usages;
  }

  @Override
  public ListPodSandboxStatsResponse answer(ListPodSandboxStatsRequest request) {
    return ListPodSandboxStatsResponse.newBuilder()
        .addAllStats(usages.list(request.getFilter()))
        .build();
  }
}
