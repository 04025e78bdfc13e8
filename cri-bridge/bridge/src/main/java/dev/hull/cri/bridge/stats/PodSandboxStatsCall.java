package dev.hull.cri.bridge.stats;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.PodSandboxStatsRequest;
import dev.hull.cri.v1.PodSandboxStatsResponse;

/** What one pod uses: its containers together and each by itself, and its network. */
public final class PodSandboxStatsCall
    implements Call<PodSandboxStatsRequest, PodSandboxStatsResponse> {
  private final Pods pods;
  private final Samples samples;
  private final UsageViews views;

  public PodSandboxStatsCall(Pods pods, Samples samples, UsageViews views) {
    this.pods = pods;
    this.samples = samples;
    this.views = views;
  }

  @Override
  public PodSandboxStatsResponse answer(PodSandboxStatsRequest request) {
    Sandbox sandbox = pods.sandbox(request.getPodSandboxId());
    return PodSandboxStatsResponse.newBuilder()
        .setStats(views.sandbox(sandbox, pods.containersOf(sandbox), samples.of(sandbox)))
        .build();
  }
}
