package dev.hull.cri.bridge.stats;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.v1.ContainerStatsRequest;
import dev.hull.cri.v1.ContainerStatsResponse;

/** What one container uses, or, once it has exited, has used. */
public final class ContainerStatsCall
    implements Call<ContainerStatsRequest, ContainerStatsResponse> {
  private final Pods pods;
  private final Samples samples;
  private final UsageViews views;

  public ContainerStatsCall(Pods pods, Samples samples, UsageViews views) {
    this.pods = pods;
    this.samples = samples;
    this.views = views;
  }

  @Override
  public ContainerStatsResponse answer(ContainerStatsRequest request) {
    Container container = pods.container(request.getContainerId());
    return ContainerStatsResponse.newBuilder()
        .setStats(
            views
                .container(container, samples.of(container.sandbox()))
                .orElseThrow(
                    () ->
                        Refusal.notFound(
                            "there is no container %s any more".formatted(container.id()))))
        .build();
  }
}
