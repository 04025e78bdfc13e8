package dev.hull.cri.bridge.metrics;

import dev.hull.cri.bridge.stats.Samples;
import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.ContainerMetrics;
import dev.hull.cri.v1.Metric;
import dev.hull.cri.v1.MetricDescriptor;
import dev.hull.cri.v1.PodSandboxMetadata;
import dev.hull.cri.v1.PodSandboxMetrics;
import dev.hull.cri.v1.UInt64Value;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.MachineUsage;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The metrics of all running sandboxes and containers. */
public final class PodMetrics {
  private final Pods pods;
  private final Samples samples;
  private final HighWater hugePages = new HighWater();

  public PodMetrics(Pods pods, Samples samples) {
    this.pods = pods;
    this.samples = samples;
  }

  /** The same for as long as this program runs. */
  static List<MetricDescriptor> descriptors() {
    return Stream.<Figure<?>>concat(PodFigures.ALL.stream(), ContainerFigures.ALL.stream())
        .map(Figure::descriptor)
        .toList();
  }

  /** Oldest first; one whose machine does not answer is left out. */
  List<PodSandboxMetrics> list() {
    List<PodSandboxMetrics> all = new ArrayList<>();
    samples.of(pods.sandboxes()).forEach((sandbox, usage) -> all.add(pod(sandbox, usage)));
    return all;
  }

  private PodSandboxMetrics pod(Sandbox sandbox, MachineUsage usage) {
    PodSandboxMetadata pod = sandbox.config().getMetadata();
    PodSandboxMetrics.Builder metrics =
        PodSandboxMetrics.newBuilder().setPodSandboxId(sandbox.id());
    List<String> labels = List.of(sandbox.id(), "", "", "", pod.getName(), pod.getNamespace());
    for (Figure<MachineUsage> figure : PodFigures.ALL) {
      metrics.addAllMetrics(read(figure, usage, labels, usage.at()));
    }
    for (Container container : pods.containersOf(sandbox)) {
      MachineUsage.Container use = usage.containers().get(container.id());
      if (use != null && container.state() instanceof State.Running) {
        metrics.addContainerMetrics(container(container, usage, use));
      }
    }
    return metrics.build();
  }

  private ContainerMetrics container(
      Container container, MachineUsage machine, MachineUsage.Container usage) {
    PodSandboxMetadata pod = container.sandbox().config().getMetadata();
    String name = container.config().getMetadata().getName();
    List<String> labels =
        List.of(
            container.id(),
            container.id(),
            container.facts().imageRef(),
            name,
            pod.getName(),
            pod.getNamespace());
    ContainerUse use =
        new ContainerUse(
            container, machine, usage, hugePages.with(container, usage.counters().hugePageBytes()));
    ContainerMetrics.Builder metrics = ContainerMetrics.newBuilder().setContainerId(container.id());
    for (Figure<ContainerUse> figure : ContainerFigures.ALL) {
      metrics.addAllMetrics(read(figure, use, labels, machine.at()));
    }
    return metrics.build();
  }

  private static <S> List<Metric> read(
      Figure<S> figure, S subject, List<String> labels, Instant at) {
    List<Metric> metrics = new ArrayList<>();
    for (Figure.Value value : figure.values().apply(subject)) {
      metrics.add(
          Metric.newBuilder()
              .setName(figure.name())
              .setTimestamp(ChronoUnit.NANOS.between(Instant.EPOCH, at))
              .setMetricType(figure.type())
              .addAllLabelValues(labels)
              .addAllLabelValues(value.labels())
              .setValue(UInt64Value.newBuilder().setValue(value.number()))
              .build());
    }
    return metrics;
  }
}
