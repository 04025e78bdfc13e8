package dev.hull.cri.bridge.stats;

import com.google.common.collect.Lists;
import dev.hull.cri.bridge.call.StreamingCall;
import dev.hull.cri.v1.ContainerStats;
import dev.hull.cri.v1.StreamContainerStatsRequest;
import dev.hull.cri.v1.StreamContainerStatsResponse;
import java.util.List;
import java.util.function.Consumer;

/** As {@link ListContainerStatsCall}, in several messages. */
public final class StreamContainerStatsCall
    implements StreamingCall<StreamContainerStatsRequest, StreamContainerStatsResponse> {
  private final ContainerUsages usages;

  public StreamContainerStatsCall(ContainerUsages usages) {
    this.usages = usages;
  }

  @Override
  public void answer(
      StreamContainerStatsRequest request, Consumer<StreamContainerStatsResponse> responses) {
    for (List<ContainerStats> part :
        Lists.partition(usages.list(request.getFilter()), ITEMS_PER_MESSAGE)) {
      responses.accept(
          StreamContainerStatsResponse.newBuilder().addAllContainerStats(part).build());
    }
  }
}
