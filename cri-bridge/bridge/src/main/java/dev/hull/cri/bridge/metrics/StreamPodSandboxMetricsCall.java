package dev.hull.cri.bridge.metrics;

import com.google.common.collect.Lists;
import dev.hull.cri.bridge.call.StreamingCall;
import dev.hull.cri.v1.PodSandboxMetrics;
import dev.hull.cri.v1.StreamPodSandboxMetricsRequest;
import dev.hull.cri.v1.StreamPodSandboxMetricsResponse;
import java.util.List;
import java.util.function.Consumer;

/** As {@link ListPodSandboxMetricsCall}, in several messages. */
public final class StreamPodSandboxMetricsCall
    implements StreamingCall<StreamPodSandboxMetricsRequest, StreamPodSandboxMetricsResponse> {
  private final PodMetrics metrics;

  public StreamPodSandboxMetricsCall(PodMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void answer(
      StreamPodSandboxMetricsRequest request, Consumer<StreamPodSandboxMetricsResponse> responses) {
    for (List<PodSandboxMetrics> part : Lists.partition(metrics.list(), ITEMS_PER_MESSAGE)) {
      responses.accept(
          StreamPodSandboxMetricsResponse.newBuilder().addAllPodSandboxMetrics(part).build());
    }
  }
}
