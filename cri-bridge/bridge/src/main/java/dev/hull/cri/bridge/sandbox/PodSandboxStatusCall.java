package dev.hull.cri.bridge.sandbox;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.container.ContainerViews;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.PodSandboxStatusRequest;
import dev.hull.cri.v1.PodSandboxStatusResponse;
import dev.hull.vm.Machine;
import dev.hull.vm.MachineState;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A sandbox and its containers. Verbose, {@code info["hull"]} is JSON: {@code timeline} (steps with
 * {@code name}, {@code beganMillis}, {@code tookMillis}; empty after a restart of the daemon),
 * {@code machine}, and {@code stopped} with the reason once it has.
 */
public final class PodSandboxStatusCall
    implements Call<PodSandboxStatusRequest, PodSandboxStatusResponse> {
  private final Pods pods;
  private final Clock clock;

  public PodSandboxStatusCall(Pods pods, Clock clock) {
    this.pods = pods;
    this.clock = clock;
  }

  @Override
  public PodSandboxStatusResponse answer(PodSandboxStatusRequest request) {
    Sandbox sandbox = pods.sandbox(request.getPodSandboxId());
    PodSandboxStatusResponse.Builder response =
        PodSandboxStatusResponse.newBuilder()
            .setStatus(SandboxViews.status(sandbox))
            .setTimestamp(ChronoUnit.NANOS.between(Instant.EPOCH, clock.instant()));
    pods.containersOf(sandbox)
        .forEach(container -> response.addContainersStatuses(ContainerViews.status(container)));
    if (request.getVerbose()) {
      response.putInfo("hull", info(sandbox.machine()).toString());
    }
    return response.build();
  }

  private static JsonObject info(Machine machine) {
    JsonObject info = new JsonObject();
    JsonArray timeline = new JsonArray();
    for (Machine.TimelineStep step : machine.timeline()) {
      JsonObject json = new JsonObject();
      json.addProperty("name", step.name());
      json.addProperty("beganMillis", step.began().toMillis());
      json.addProperty("tookMillis", step.took().toMillis());
      timeline.add(json);
    }
    info.add("timeline", timeline);
    JsonObject json = new JsonObject();
    json.addProperty("vcpus", machine.size().vcpus());
    json.addProperty("memoryMib", machine.size().memoryMib());
    json.addProperty("domain", "hull-" + machine.spec().id().shortForm());
    json.addProperty("networkNamespace", machine.networkNamespace());
    info.add("machine", json);
    switch (machine.state()) {
      case MachineState.Running _ -> {}
      case MachineState.Unmanaged(String reason) -> {
        JsonObject unmanaged = new JsonObject();
        unmanaged.addProperty("reason", reason);
        info.add("unmanaged", unmanaged);
      }
      case MachineState.Stopped stopped -> {
        JsonObject end = new JsonObject();
        end.addProperty("at", stopped.at().toString());
        end.addProperty("asked", stopped.asked());
        end.addProperty("reason", stopped.reason());
        info.add("stopped", end);
      }
    }
    return info;
  }
}
