package dev.hull.cli.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.hull.cri.host.Bench.Figure;
import dev.hull.cri.host.Bench.Outcome;
import dev.hull.cri.host.Bench.Start;
import dev.hull.cri.host.Bench.Step;

/**
 * An outcome for programs: {@code {"figures":[{"name":…,"value":…,"unit":…,"runs":[…]}]}}, and
 * where starts of pods were looked into {@code "starts":[{"name":…,"steps":[{"name":…,
 * "beganMillis":…,"tookMillis":…}]}]}.
 */
public final class FigureJson {
  private static final double NANOS_PER_MILLI = 1e6;

  private FigureJson() {}

  public static JsonObject of(Outcome outcome) {
    JsonArray figures = new JsonArray();
    outcome.figures().forEach(figure -> figures.add(figure(figure)));
    JsonObject root = new JsonObject();
    root.add("figures", figures);
    if (!outcome.starts().isEmpty()) {
      JsonArray starts = new JsonArray();
      outcome.starts().forEach(start -> starts.add(start(start)));
      root.add("starts", starts);
    }
    return root;
  }

  private static JsonObject figure(Figure figure) {
    JsonObject item = new JsonObject();
    item.addProperty("name", figure.name());
    item.addProperty("value", figure.value());
    item.addProperty("unit", figure.unit());
    JsonArray each = new JsonArray();
    figure.runs().forEach(each::add);
    item.add("runs", each);
    return item;
  }

  private static JsonObject start(Start start) {
    JsonArray steps = new JsonArray();
    for (Step step : start.steps()) {
      JsonObject item = new JsonObject();
      item.addProperty("name", step.name());
      item.addProperty("beganMillis", step.began().toNanos() / NANOS_PER_MILLI);
      item.addProperty("tookMillis", step.took().toNanos() / NANOS_PER_MILLI);
      steps.add(item);
    }
    JsonObject item = new JsonObject();
    item.addProperty("name", start.name());
    item.add("steps", steps);
    return item;
  }
}
