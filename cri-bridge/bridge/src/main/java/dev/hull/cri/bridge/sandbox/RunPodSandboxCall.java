package dev.hull.cri.bridge.sandbox;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.prometheus.DaemonMetrics;
import dev.hull.cri.bridge.store.Names;
import dev.hull.cri.bridge.store.Notes;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.RunPodSandboxRequest;
import dev.hull.cri.v1.RunPodSandboxResponse;
import dev.hull.vm.Machine;
import dev.hull.vm.MachineId;
import dev.hull.vm.Machines;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/**
 * Starts a machine. The sandbox's name is reserved first, so that the same call twice at once makes
 * one machine; ALREADY_EXISTS until the sandbox of that name has been removed.
 */
public final class RunPodSandboxCall implements Call<RunPodSandboxRequest, RunPodSandboxResponse> {
  /** The default, and the name that a RuntimeClass gives. */
  static final Set<String> HANDLERS = Set.of("", "hull");

  private final Machines machines;
  private final Pods pods;
  private final SandboxSpecs specs;
  private final DaemonMetrics metrics;
  private final Clock clock;

  public RunPodSandboxCall(
      Machines machines, Pods pods, SandboxSpecs specs, DaemonMetrics metrics, Clock clock) {
    this.machines = machines;
    this.pods = pods;
    this.specs = specs;
    this.metrics = metrics;
    this.clock = clock;
  }

  @Override
  public RunPodSandboxResponse answer(RunPodSandboxRequest request) {
    PodSandboxConfig config = request.getConfig();
    String handler = request.getRuntimeHandler();
    SandboxFields.check(config, handler, HANDLERS);
    try (Machines.Reservation reserved = specs.reserve(machines, config);
        Names.Reservation name =
            pods.names().reserve(reserved.id().value(), config.getMetadata())) {
      MachineId id = reserved.id();
      long createdAt = ChronoUnit.NANOS.between(Instant.EPOCH, clock.instant());
      long began = System.nanoTime();
      Machine machine =
          machines.start(specs.spec(id, config), Notes.sandbox(config, handler, createdAt));
      metrics.started(machine.timeline(), Duration.ofNanos(System.nanoTime() - began));
      pods.add(new Sandbox(config, handler, createdAt, machine));
      name.keep();
      return RunPodSandboxResponse.newBuilder().setPodSandboxId(id.value()).build();
    }
  }
}
