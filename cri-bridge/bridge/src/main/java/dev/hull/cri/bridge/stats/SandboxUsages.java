package dev.hull.cri.bridge.stats;

import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.PodSandboxStats;
import dev.hull.cri.v1.PodSandboxStatsFilter;
import java.util.ArrayList;
import java.util.List;

/** What the running sandboxes that pass a filter use, oldest first. */
public final class SandboxUsages {
  private final Pods pods;
  private final Samples samples;
  private final UsageViews views;

  public SandboxUsages(Pods pods, Samples samples, UsageViews views) {
    this.pods = pods;
    this.samples = samples;
    this.views = views;
  }

  List<PodSandboxStats> list(PodSandboxStatsFilter filter) {
    List<PodSandboxStats> all = new ArrayList<>();
    samples
        .of(pods.sandboxes().stream().filter(sandbox -> passes(sandbox, filter)).toList())
        .forEach(
            (sandbox, usage) -> all.add(views.sandbox(sandbox, pods.containersOf(sandbox), usage)));
    return all;
  }

  private static boolean passes(Sandbox sandbox, PodSandboxStatsFilter filter) {
    return sandbox.id().startsWith(filter.getId())
        && sandbox
            .config()
            .getLabelsMap()
            .entrySet()
            .containsAll(filter.getLabelSelectorMap().entrySet());
  }
}
