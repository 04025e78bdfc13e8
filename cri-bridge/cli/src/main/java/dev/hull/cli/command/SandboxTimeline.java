package dev.hull.cli.command;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.hull.cli.kubelet.Timeline;
import dev.hull.cri.v1.PodSandboxStatusResponse;

/**
 * Takes the daemon's steps out of a verbose status: {@code info["hull"]} is {@code
 * {"timeline":[{"name":…,"beganMillis":…,"tookMillis":…}]}}, with {@code beganMillis} counted from
 * the beginning of RunPodSandbox.
 */
final class SandboxTimeline {
  private SandboxTimeline() {}

  /** A daemon that says nothing, or something else, adds nothing. */
  static void addTo(Timeline timeline, PodSandboxStatusResponse status) {
    long began =
        timeline.steps().stream()
            .filter(step -> step.name().equals(Timeline.SANDBOX))
            .mapToLong(Timeline.Step::beganMillis)
            .findFirst()
            .orElse(0);
    try {
      JsonElement info = JsonParser.parseString(status.getInfoOrDefault("hull", "{}"));
      if (!(info instanceof JsonObject hull) || !hull.has("timeline")) {
        return;
      }
      for (JsonElement element : hull.getAsJsonArray("timeline")) {
        JsonObject step = element.getAsJsonObject();
        timeline.add(
            new Timeline.Step(
                "  " + step.get("name").getAsString(),
                began + step.get("beganMillis").getAsLong(),
                step.get("tookMillis").getAsLong()));
      }
    } catch (JsonParseException
        | IllegalStateException
        | ClassCastException
        | NullPointerException
        | NumberFormatException e) {
      return; // Another runtime's info; the steps that were measured here are still shown.
    }
  }
}
