package dev.hull.cri.bridge.metrics;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.v1.ListPodSandboxMetricsRequest;
import dev.hull.cri.v1.ListPodSandboxMetricsResponse;

/** The metrics of all running sandboxes; one whose machine does not answer is left out. */
public final class ListPodSandboxMetricsCall
    implements Call<ListPodSandboxMetricsRequest, ListPodSandboxMetricsResponse> {
  private final PodMetrics metrics;

  public ListPodSandboxMetricsCall(PodMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public ListPodSandboxMetricsResponse answer(ListPodSandboxMetricsRequest request) {
    return ListPodSandboxMetricsResponse.newBuilder().addAllPodMetrics(metrics.list()).build();
  }
}
