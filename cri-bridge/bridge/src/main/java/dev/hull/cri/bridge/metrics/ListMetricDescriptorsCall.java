package dev.hull.cri.bridge.metrics;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.v1.ListMetricDescriptorsRequest;
import dev.hull.cri.v1.ListMetricDescriptorsResponse;

/** Which metrics there can be, and by which labels. */
public final class ListMetricDescriptorsCall
    implements Call<ListMetricDescriptorsRequest, ListMetricDescriptorsResponse> {
  @Override
  public ListMetricDescriptorsResponse answer(ListMetricDescriptorsRequest request) {
    return ListMetricDescriptorsResponse.newBuilder()
        .addAllDescriptors(PodMetrics.descriptors())
        .build();
  }
}
