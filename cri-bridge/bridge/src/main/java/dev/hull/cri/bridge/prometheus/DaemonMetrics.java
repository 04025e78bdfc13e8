package dev.hull.cri.bridge.prometheus;

import dev.hull.cri.bridge.call.CallMeter;
import dev.hull.images.Images;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.Machine;
import dev.hull.vm.MachineState;
import dev.hull.vm.Machines;
import io.grpc.Status;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the daemon counts. Names are for others to rely on:
 *
 * <pre>
 *   hull_rpc_duration_seconds{method,code}   histogram; its _count is the number of calls
 *   hull_sandbox_start_seconds{kind}         histogram; kind is spare, copy or boot
 *   hull_machines{state}                     running, unmanaged, stopped
 *   hull_containers{state}                   created, running, exited
 *   hull_spare_machines                      that stand by
 *   hull_image_store_bytes, hull_image_store_inodes
 * </pre>
 *
 * <p>Gauges are read when they are asked for.
 */
public final class DaemonMetrics implements CallMeter {
  private static final double[] CALL_SECONDS = {
    0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100
  };
  private static final double[] START_SECONDS = {0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50};

  /** How a sandbox came by its machine. */
  private enum Start {
    SPARE,
    COPY,
    BOOT;

    /** By the steps of its making. */
    static Start of(List<Machine.TimelineStep> timeline) {
      List<String> steps = timeline.stream().map(Machine.TimelineStep::name).toList();
      if (steps.contains("restore")) {
        return COPY;
      }
      return steps.contains("identity") ? SPARE : BOOT;
    }
  }

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final Histogram calls;
  private final Histogram starts;

  public DaemonMetrics(Machines machines, Images images) {
    this.calls =
        Histogram.builder()
            .name("hull_rpc_duration_seconds")
            .help("How long CRI's calls took")
            .unit(Unit.SECONDS)
            .labelNames("method", "code")
            .classicOnly()
            .classicUpperBounds(CALL_SECONDS)
            .register(registry);
    this.starts =
        Histogram.builder()
            .name("hull_sandbox_start_seconds")
            .help("How long machines of pod sandboxes took to start, by how they came to be")
            .unit(Unit.SECONDS)
            .labelNames("kind")
            .classicOnly()
            .classicUpperBounds(START_SECONDS)
            .register(registry);
    for (Start kind : Start.values()) {
      starts.initLabelValues(label(kind));
    }
    GaugeWithCallback.builder()
        .name("hull_machines")
        .help("Machines by state")
        .labelNames("state")
        .callback(values -> machines(machines, values))
        .register(registry);
    GaugeWithCallback.builder()
        .name("hull_containers")
        .help("Containers by state")
        .labelNames("state")
        .callback(values -> containers(machines, values))
        .register(registry);
    GaugeWithCallback.builder()
        .name("hull_spare_machines")
        .help("Machines that stand by for pods to come")
        .callback(values -> values.call(machines.spares()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("hull_image_store_bytes")
        .help("Bytes that the image store takes")
        .unit(Unit.BYTES)
        .callback(values -> values.call((double) images.usage().bytes()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("hull_image_store_inodes")
        .help("Inodes that the image store takes")
        .callback(values -> values.call((double) images.usage().inodes()))
        .register(registry);
  }

  private static String label(Enum<?> kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static void machines(Machines machines, GaugeWithCallback.Callback values) {
    int running = 0;
    int unmanaged = 0;
    int stopped = 0;
    for (Machine machine : machines.list()) {
      switch (machine.state()) {
        case MachineState.Running _ -> running++;
        case MachineState.Unmanaged _ -> unmanaged++;
        case MachineState.Stopped _ -> stopped++;
      }
    }
    values.call(running, "running");
    values.call(unmanaged, "unmanaged");
    values.call(stopped, "stopped");
  }

  private enum State {
    CREATED,
    RUNNING,
    EXITED
  }

  private static void containers(Machines machines, GaugeWithCallback.Callback values) {
    Map<State, Integer> counts =
        machines.list().stream()
            .flatMap(machine -> machine.containers().stream())
            .collect(
                Collectors.groupingBy(
                    container ->
                        switch (container.state()) {
                          case GuestContainer.State.Created _ -> State.CREATED;
                          case GuestContainer.State.Running _ -> State.RUNNING;
                          case GuestContainer.State.Exited _ -> State.EXITED;
                        },
                    () -> new EnumMap<>(State.class),
                    Collectors.summingInt(any -> 1)));
    for (State state : State.values()) {
      values.call(counts.getOrDefault(state, 0), label(state));
    }
  }

  @Override
  public void answered(String method, Status.Code code, Duration took) {
    calls.labelValues(method, code.name()).observe(seconds(took));
  }

  /** A sandbox's machine has started. */
  public void started(List<Machine.TimelineStep> timeline, Duration took) {
    starts.labelValues(label(Start.of(timeline))).observe(seconds(took));
  }

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }

  /** The format that {@code accept}, an HTTP header, wants. */
  String contentType(String accept) {
    return formats.findWriter(accept).getContentType();
  }

  void write(String accept, OutputStream out) throws IOException {
    formats.findWriter(accept).write(out, registry.scrape());
  }
}
