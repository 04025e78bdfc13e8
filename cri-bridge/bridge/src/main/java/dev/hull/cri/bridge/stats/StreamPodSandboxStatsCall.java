package dev.hull.cri.bridge.stats;

import com.google.common.collect.Lists;
import dev.hull.cri.bridge.call.StreamingCall;
import dev.hull.cri.v1.PodSandboxStats;
import dev.hull.cri.v1.StreamPodSandboxStatsRequest;
import dev.hull.cri.v1.StreamPodSandboxStatsResponse;
import java.util.List;
import java.util.function.Consumer;

/** As {@link ListPodSandboxStatsCall}, in several messages. */
public final class StreamPodSandboxStatsCall
    implements StreamingCall<StreamPodSandboxStatsRequest, StreamPodSandboxStatsResponse> {
  private final SandboxUsages usages;

  public StreamPodSandboxStatsCall(SandboxUsages usages) {
    this.usages = usages;
  }

  @Override
  public void answer(
      StreamPodSandboxStatsRequest request, Consumer<StreamPodSandboxStatsResponse> responses) {
    for (List<PodSandboxStats> part :
        Lists.partition(usages.list(request.getFilter()), ITEMS_PER_MESSAGE)) {
      responses.accept(
          StreamPodSandboxStatsResponse.newBuilder().addAllPodSandboxStats(part).build());
    }
  }
}
