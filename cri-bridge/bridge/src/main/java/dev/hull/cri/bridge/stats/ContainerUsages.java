package dev.hull.cri.bridge.stats;

import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.ContainerStats;
import dev.hull.cri.v1.ContainerStatsFilter;
import dev.hull.vm.MachineUsage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the running containers that pass a filter use, oldest first. */
public final class ContainerUsages {
  private final Pods pods;
  private final Samples samples;
  private final UsageViews views;

  public ContainerUsages(Pods pods, Samples samples, UsageViews views) {
    this.pods = pods;
    this.samples = samples;
    this.views = views;
  }

  List<ContainerStats> list(ContainerStatsFilter filter) {
    List<Container> wanted =
        pods.containers().stream()
            .filter(UsageViews::runs)
            .filter(container -> passes(container, filter))
            .toList();
    Set<Sandbox> sandboxes = new LinkedHashSet<>();
    wanted.forEach(container -> sandboxes.add(container.sandbox()));
    Map<Sandbox, MachineUsage> usages = samples.of(sandboxes);
    List<ContainerStats> all = new ArrayList<>();
    for (Container container : wanted) {
      MachineUsage usage = usages.get(container.sandbox());
      if (usage != null) {
        views.container(container, usage).ifPresent(all::add);
      }
    }
    return all;
  }

  private static boolean passes(Container container, ContainerStatsFilter filter) {
    return container.id().startsWith(filter.getId())
        && container.sandbox().id().startsWith(filter.getPodSandboxId())
        && container
            .config()
            .getLabelsMap()
            .entrySet()
            .containsAll(filter.getLabelSelectorMap().entrySet());
  }
}
