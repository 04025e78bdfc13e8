package dev.hull.cli.command;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.supervisor.Spool;
import dev.hull.cli.supervisor.Spool.Thing;
import dev.hull.cli.terminal.Amounts;
import dev.hull.cli.terminal.Table;
import dev.hull.cri.v1.PodSandboxStatusRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** hull describe. */
@Command(
    name = "describe",
    description =
        "Tell all there is to tell of a pod: conditions, containers, events, its machine.")
final class DescribeCommand implements Callable<Integer> {
  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();
  @Mixin NamespaceOption namespace = new NamespaceOption();

  @Parameters(arity = "1..*", paramLabel = "pod NAME", description = "Names of pods.")
  List<String> words = List.of();

  DescribeCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, IOException {
    Spool spool = daemon.spool(context);
    List<Thing> things = Kinds.keys(words, namespace.namespace());
    if (things.isEmpty()) {
      throw new UserException("which pod? name it: hull describe pod NAME");
    }
    for (Thing thing : things) {
      JsonObject status =
          spool
              .status(thing)
              .orElseThrow(
                  () ->
                      new UserException(
                          "there is no pod %s in namespace %s, or nothing is known of it yet"
                              .formatted(thing.name(), thing.namespace())));
      describe(status);
    }
    return ExitCodes.OK;
  }

  private void describe(JsonObject all) {
    JsonObject pod = all.getAsJsonObject("pod");
    JsonObject metadata = pod.getAsJsonObject("metadata");
    JsonObject status = pod.getAsJsonObject("status");
    line("Name", text(metadata, "name"));
    line("Namespace", text(metadata, "namespace"));
    line("UID", text(metadata, "uid"));
    line("Start Time", text(status, "startTime"));
    map("Labels", metadata.get("labels"));
    map("Annotations", metadata.get("annotations"));
    line("Status", text(all.getAsJsonObject("columns"), "status"));
    if (status.has("reason")) {
      line("Reason", text(status, "reason"));
      line("Message", text(status, "message"));
    }
    line("IP", text(status, "podIP"));
    line("QoS Class", text(status, "qosClass"));
    machine(text(all, "sandbox"));
    containers("Init Containers", status.get("initContainerStatuses"));
    containers("Containers", status.get("containerStatuses"));
    containers("Ephemeral Containers", status.get("ephemeralContainerStatuses"));
    conditions(status.getAsJsonArray("conditions"));
    events(all.getAsJsonArray("events"));
  }

  private PrintStream out() {
    return context.terminal().out();
  }

  private void line(String name, String value) {
    out()
        .println(
            (name + ":" + " ".repeat(Math.max(1, 16 - name.length())) + value).stripTrailing());
  }

  private void map(String name, JsonElement map) {
    String indent = name + ":";
    if (map instanceof JsonObject object && !object.isEmpty()) {
      for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
        out()
            .println(
                indent
                    + " ".repeat(Math.max(1, 17 - indent.length()))
                    + entry.getKey()
                    + "="
                    + entry.getValue().getAsString());
        indent = "";
      }
    } else {
      line(name, "<none>");
    }
  }

  /** What only the daemon knows; a daemon that does not tell is no matter. */
  private void machine(String sandbox) {
    if (sandbox.isEmpty()) {
      return;
    }
    try (Cri cri = daemon.connect(context)) {
      PodSandboxStatusRequest request =
          PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).setVerbose(true).build();
      String info =
          cri.runtime(Cri.QUICK, stub -> stub.podSandboxStatus(request))
              .getInfoOrDefault("hull", "{}");
      if (JsonParser.parseString(info).getAsJsonObject().get("machine") instanceof JsonObject m) {
        line("Machine", "%s vCPUs, %s MiB".formatted(text(m, "vcpus"), text(m, "memoryMib")));
      }
      line("Sandbox", sandbox);
    } catch (CriException | JsonParseException | IllegalStateException e) {
      line("Sandbox", sandbox + " (" + e.getMessage() + ")");
    }
  }

  private void containers(String title, JsonElement statuses) {
    if (!(statuses instanceof JsonArray array)) {
      return;
    }
    out().println(title + ":");
    for (JsonElement element : array) {
      JsonObject one = element.getAsJsonObject();
      out().println("  " + text(one, "name") + ":");
      inner("Container ID", text(one, "containerID"));
      inner("Image", text(one, "image"));
      inner("Image ID", text(one, "imageID"));
      state("State", one.getAsJsonObject("state"));
      state("Last State", one.getAsJsonObject("lastState"));
      inner("Ready", text(one, "ready").equals("true") ? "True" : "False");
      inner("Restart Count", text(one, "restartCount"));
    }
  }

  private void inner(String name, String value) {
    out().println("    " + name + ":" + " ".repeat(Math.max(1, 16 - name.length())) + value);
  }

  private void state(String name, JsonObject state) {
    for (Map.Entry<String, JsonElement> entry : state.entrySet()) {
      String kind = entry.getKey();
      inner(name, Character.toUpperCase(kind.charAt(0)) + kind.substring(1));
      JsonObject details = entry.getValue().getAsJsonObject();
      for (String field : List.of("reason", "message", "exitCode", "startedAt", "finishedAt")) {
        if (details.has(field)) {
          String title =
              switch (field) {
                case "exitCode" -> "Exit Code";
                case "startedAt" -> "Started";
                case "finishedAt" -> "Finished";
                default -> Character.toUpperCase(field.charAt(0)) + field.substring(1);
              };
          out()
              .println(
                  "      " + title + ":" + " ".repeat(14 - title.length()) + text(details, field));
        }
      }
    }
  }

  private void conditions(JsonArray conditions) {
    out().println("Conditions:");
    Table table = new Table("  Type", "Status", "Reason", "Message");
    for (JsonElement element : conditions) {
      JsonObject one = element.getAsJsonObject();
      table.row(
          "  " + text(one, "type"), text(one, "status"), text(one, "reason"), text(one, "message"));
    }
    out().print(table.render());
  }

  private void events(JsonArray events) {
    if (events.isEmpty()) {
      out().println("Events:          <none>");
      return;
    }
    out().println("Events:");
    Table table = new Table("  Type", "Reason", "Age", "Message");
    for (JsonElement element : events) {
      JsonObject one = element.getAsJsonObject();
      table.row(
          "  " + text(one, "type"), text(one, "reason"), age(one), text(one, "message").strip());
    }
    out().print(table.render());
  }

  private String age(JsonObject event) {
    Instant now = context.clock().instant();
    String last = Amounts.age(Duration.between(Instant.parse(text(event, "lastTimestamp")), now));
    if (text(event, "count").equals("1")) {
      return last;
    }
    String first = Amounts.age(Duration.between(Instant.parse(text(event, "firstTimestamp")), now));
    return last + " (x" + text(event, "count") + " over " + first + ")";
  }

  private static String text(JsonObject object, String name) {
    return object.has(name) ? object.get(name).getAsString() : "";
  }
}
