package dev.hull.cli.supervisor;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.hull.cli.life.PodEvents.Event;
import dev.hull.cli.life.PodStatus;
import dev.hull.cli.life.PodStatus.OfContainer;
import dev.hull.cli.life.Printed;
import dev.hull.cli.life.State;
import dev.hull.cli.manifest.EphemeralContainer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * A pod for programs: {@code pod} as the Kubernetes API has it, and what kubectl computes or finds
 * elsewhere: {@code columns} of a list, {@code events}.
 */
final class PodJson {
  private PodJson() {}

  static JsonObject of(
      PodStatus status, JsonObject source, List<EphemeralContainer> added, Instant createdAt) {
    JsonObject pod = source.deepCopy();
    if (!added.isEmpty()) {
      JsonArray ephemeral = new JsonArray();
      added.forEach(one -> ephemeral.add(one.source()));
      pod.getAsJsonObject("spec").add("ephemeralContainers", ephemeral);
    }
    JsonObject metadata = pod.getAsJsonObject("metadata");
    metadata.addProperty("namespace", status.pod().namespace());
    metadata.addProperty("uid", status.uid());
    metadata.addProperty("creationTimestamp", seconds(createdAt));
    pod.add("status", status(status, createdAt));
    JsonObject all = new JsonObject();
    all.add("pod", pod);
    all.add("columns", columns(status));
    JsonArray events = new JsonArray();
    status.events().forEach(event -> events.add(event(event)));
    all.add("events", events);
    all.addProperty("sandbox", status.sandboxId().orElse(""));
    return all;
  }

  private static JsonObject columns(PodStatus status) {
    Printed printed = status.printed();
    JsonObject columns = new JsonObject();
    columns.addProperty("ready", printed.ready() + "/" + printed.total());
    columns.addProperty("status", printed.status());
    columns.addProperty("restarts", printed.restarts());
    printed.lastRestart().ifPresent(at -> columns.addProperty("lastRestart", at.toString()));
    return columns;
  }

  private static JsonObject status(PodStatus status, Instant createdAt) {
    JsonObject json = new JsonObject();
    json.addProperty("phase", status.phase().text());
    if (!status.failure().reason().isEmpty()) {
      json.addProperty("reason", status.failure().reason());
      json.addProperty("message", status.failure().message());
    }
    json.addProperty("startTime", seconds(createdAt));
    json.addProperty("qosClass", status.pod().qosClass().text());
    if (!status.hostIps().isEmpty()) {
      json.addProperty("hostIP", status.hostIps().getFirst());
      json.add("hostIPs", ips(status.hostIps()));
    }
    if (!status.podIps().isEmpty()) {
      json.addProperty("podIP", status.podIps().getFirst());
      json.add("podIPs", ips(status.podIps()));
    }
    JsonArray conditions = new JsonArray();
    for (PodStatus.Condition condition : status.conditions()) {
      JsonObject one = new JsonObject();
      one.addProperty("type", condition.type());
      one.addProperty("status", condition.is() ? "True" : "False");
      if (!condition.reason().isEmpty()) {
        one.addProperty("reason", condition.reason());
      }
      if (!condition.message().isEmpty()) {
        one.addProperty("message", condition.message());
      }
      conditions.add(one);
    }
    json.add("conditions", conditions);
    addContainers(json, "initContainerStatuses", status.init());
    addContainers(json, "containerStatuses", status.ordinary());
    addContainers(json, "ephemeralContainerStatuses", status.ephemeral());
    return json;
  }

  private static JsonArray ips(List<String> ips) {
    JsonArray array = new JsonArray();
    for (String ip : ips) {
      JsonObject one = new JsonObject();
      one.addProperty("ip", ip);
      array.add(one);
    }
    return array;
  }

  private static void addContainers(JsonObject json, String name, List<OfContainer> containers) {
    if (containers.isEmpty()) {
      return;
    }
    JsonArray array = new JsonArray();
    for (OfContainer container : containers) {
      JsonObject one = new JsonObject();
      one.addProperty("name", container.name());
      one.addProperty("image", container.image());
      one.addProperty("imageID", container.imageRef());
      if (!container.id().isEmpty()) {
        one.addProperty("containerID", "hull://" + container.id());
      }
      one.addProperty("ready", container.ready());
      one.addProperty("started", container.started());
      one.addProperty("restartCount", container.restarts());
      one.add("state", state(container.state()));
      JsonObject last = new JsonObject();
      container.last().ifPresent(end -> last.add("terminated", terminated(end)));
      one.add("lastState", last);
      array.add(one);
    }
    json.add(name, array);
  }

  private static JsonObject state(State state) {
    JsonObject json = new JsonObject();
    switch (state) {
      case State.Waiting waiting -> {
        JsonObject inner = new JsonObject();
        inner.addProperty("reason", waiting.reason());
        if (!waiting.message().isEmpty()) {
          inner.addProperty("message", waiting.message());
        }
        json.add("waiting", inner);
      }
      case State.Running running -> {
        JsonObject inner = new JsonObject();
        inner.addProperty("startedAt", seconds(running.startedAt()));
        json.add("running", inner);
      }
      case State.Terminated end -> json.add("terminated", terminated(end));
    }
    return json;
  }

  private static JsonObject terminated(State.Terminated end) {
    JsonObject json = new JsonObject();
    json.addProperty("exitCode", end.exitCode());
    json.addProperty("reason", end.reason());
    if (!end.message().isEmpty()) {
      json.addProperty("message", end.message());
    }
    json.addProperty("startedAt", seconds(end.startedAt()));
    json.addProperty("finishedAt", seconds(end.finishedAt()));
    json.addProperty("containerID", "hull://" + end.id());
    return json;
  }

  private static JsonObject event(Event event) {
    JsonObject json = new JsonObject();
    json.addProperty("type", event.warning() ? "Warning" : "Normal");
    json.addProperty("reason", event.reason());
    json.addProperty("message", event.message());
    json.addProperty("count", event.count());
    json.addProperty("firstTimestamp", seconds(event.first()));
    json.addProperty("lastTimestamp", seconds(event.last()));
    return json;
  }

  private static String seconds(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
