package dev.hull.cli.command;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.hull.cli.supervisor.Spool;
import dev.hull.cli.supervisor.Spool.Thing;
import dev.hull.cli.terminal.Amounts;
import dev.hull.cli.terminal.Table;
import dev.hull.cli.terminal.Yaml;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** hull get. */
@Command(name = "get", description = "List what was applied: pods, configmaps, secrets or pvc.")
final class GetCommand implements Callable<Integer> {
  private static final Duration LOOK = Duration.ofMillis(250);

  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();
  @Mixin NamespaceOption namespace = new NamespaceOption();

  @Parameters(index = "0", paramLabel = "KIND", description = "pods, configmaps, secrets, pvc.")
  String kind = "";

  @Parameters(index = "1..*", arity = "0..*", paramLabel = "NAME", description = "Only these.")
  List<String> names = List.of();

  @Option(
      names = {"-A", "--all-namespaces"},
      description = "Of every namespace.")
  boolean everywhere;

  @Option(
      names = {"-w", "--watch"},
      description = "Go on with a line for each change.")
  boolean watch;

  @Option(
      names = {"-l", "--selector"},
      paramLabel = "SELECTOR",
      description =
          "Only what has these labels: app=web, app!=web, 'app in (web,api)', 'app notin (web)',"
              + " app, '!app'; with commas between, all of them.")
  Optional<String> selector = Optional.empty();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      completionCandidates = Formats.class,
      description = "wide, json, yaml or name.")
  String output = "";

  /** Of the output, but the table. */
  private static final class Formats extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Formats() {
      super(List.of("wide", "json", "yaml", "name"));
    }
  }

  GetCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, IOException, InterruptedException {
    if (!List.of("", "wide", "json", "yaml", "name").contains(output)) {
      throw new UserException("-o must be wide, json, yaml or name, not " + output);
    }
    List<String> words = new ArrayList<>(List.of(kind));
    words.addAll(names);
    String wanted = kind.contains("/") ? "" : Kinds.of(kind);
    Spool spool = daemon.spool(context);
    List<Thing> only = Kinds.keys(words, namespace.namespace());
    if (selector.isPresent() && !only.isEmpty()) {
      throw new UserException("names and a selector (-l) exclude each other");
    }
    LabelSelector labels =
        selector.isPresent() ? LabelSelector.parse(selector.get()) : LabelSelector.ALL;
    List<Thing> keys = keys(spool, wanted, only, labels);
    if (output.equals("json") || output.equals("yaml")) {
      print(spool, keys, !only.isEmpty() && only.size() == 1);
      return ExitCodes.OK;
    }
    if (output.equals("name") && !watch) {
      keys.forEach(key -> context.terminal().out().println(name(key)));
      return ExitCodes.OK;
    }
    boolean pods = keys.stream().allMatch(key -> key.kind().equals(Spool.POD));
    if (keys.isEmpty() && !watch) {
      context
          .terminal()
          .err()
          .println("No resources found in " + namespace.namespace() + " namespace.");
      return ExitCodes.OK;
    }
    if (!pods) {
      context.terminal().out().print(plain(spool, keys));
      return ExitCodes.OK;
    }
    Map<Thing, String> shown = new HashMap<>();
    for (Thing key : keys) {
      shown.put(key, columns(spool, key));
    }
    if (!keys.isEmpty()) {
      context.terminal().out().print(table(spool, keys, true));
    }
    if (watch) {
      watch(spool, wanted, only, labels, shown);
    }
    return ExitCodes.OK;
  }

  /** As kubectl's commands take it: {@code pod/web}. */
  private static String name(Thing key) {
    return key.kind().toLowerCase(Locale.ROOT) + "/" + key.name();
  }

  private List<Thing> keys(Spool spool, String wanted, List<Thing> only, LabelSelector labels)
      throws UserException, IOException {
    if (!only.isEmpty()) {
      for (Thing key : only) {
        if (!spool.list(key.kind()).contains(key)) {
          throw new UserException(
              "there is no %s %s in namespace %s"
                  .formatted(key.kind(), key.name(), key.namespace()));
        }
      }
      return only;
    }
    return there(spool, wanted, labels);
  }

  private List<Thing> there(Spool spool, String kind, LabelSelector labels) throws IOException {
    List<Thing> found = new ArrayList<>();
    for (Thing key : spool.list(kind)) {
      if ((everywhere || key.namespace().equals(namespace.namespace()))
          && (labels.equals(LabelSelector.ALL) || labels.matches(labels(spool, key)))) {
        found.add(key);
      }
    }
    return found;
  }

  private static Map<String, String> labels(Spool spool, Thing key) throws IOException {
    Map<String, String> labels = new HashMap<>();
    Optional<JsonObject> source = spool.wanted(key).map(wanted -> wanted.document().source());
    if (source.isPresent()
        && source.get().get("metadata") instanceof JsonObject metadata
        && metadata.get("labels") instanceof JsonObject all) {
      all.asMap().forEach((label, value) -> labels.put(label, value.getAsString()));
    }
    return labels;
  }

  private void watch(
      Spool spool, String wanted, List<Thing> only, LabelSelector labels, Map<Thing, String> shown)
      throws IOException, InterruptedException {
    boolean headings = shown.isEmpty();
    while (true) {
      List<Thing> keys =
          only.isEmpty()
              ? there(spool, wanted, labels)
              : only.stream().filter(key -> spool.list(key.kind()).contains(key)).toList();
      shown.keySet().retainAll(keys);
      for (Thing key : keys) {
        String columns = columns(spool, key);
        if (!columns.equals(shown.put(key, columns))) {
          context.terminal().out().print(table(spool, List.of(key), headings));
          context.terminal().out().flush();
          headings = false;
        }
      }
      context.time().sleep(LOOK);
    }
  }

  /** What changes when a line does; empty of what nobody has looked at yet. */
  private static String columns(Spool spool, Thing key) throws IOException {
    return spool.status(key).map(status -> status.get("columns").toString()).orElse("");
  }

  private String table(Spool spool, List<Thing> keys, boolean headings) throws IOException {
    List<String> titles = new ArrayList<>();
    if (everywhere) {
      titles.add("NAMESPACE");
    }
    titles.addAll(List.of("NAME", "READY", "STATUS", "RESTARTS", "AGE"));
    if (output.equals("wide")) {
      titles.addAll(List.of("IP", "NODE"));
    }
    Table table = new Table(titles.toArray(String[]::new));
    for (Thing key : keys) {
      table.row(row(key, spool.status(key), spool).toArray(String[]::new));
    }
    String text = table.render();
    return headings ? text : text.substring(text.indexOf('\n') + 1);
  }

  private List<String> row(Thing key, Optional<JsonObject> status, Spool spool) throws IOException {
    List<String> row = new ArrayList<>();
    if (everywhere) {
      row.add(key.namespace());
    }
    JsonObject columns =
        status.map(found -> found.getAsJsonObject("columns")).orElseGet(JsonObject::new);
    row.add(key.name());
    row.add(columns.has("ready") ? columns.get("ready").getAsString() : "0/0");
    row.add(columns.has("status") ? columns.get("status").getAsString() : "Pending");
    row.add(restarts(columns));
    row.add(age(spool, key));
    if (output.equals("wide")) {
      String ip =
          status
              .map(found -> found.getAsJsonObject("pod").getAsJsonObject("status").get("podIP"))
              .map(JsonElement::getAsString)
              .orElse("<none>");
      row.add(ip);
      row.add("localhost");
    }
    return row;
  }

  private String restarts(JsonObject columns) {
    int count = columns.has("restarts") ? columns.get("restarts").getAsInt() : 0;
    if (count == 0 || !columns.has("lastRestart")) {
      return Integer.toString(count);
    }
    Instant last = Instant.parse(columns.get("lastRestart").getAsString());
    return count + " (" + Amounts.age(Duration.between(last, context.clock().instant())) + " ago)";
  }

  private String age(Spool spool, Thing key) throws IOException {
    return spool
        .wanted(key)
        .map(wanted -> Amounts.age(Duration.between(wanted.createdAt(), context.clock().instant())))
        .orElse("");
  }

  private String plain(Spool spool, List<Thing> keys) throws IOException {
    Table table = new Table("NAMESPACE", "NAME", "AGE");
    for (Thing key : keys) {
      table.row(key.namespace(), key.name(), age(spool, key));
    }
    return table.render();
  }

  private void print(Spool spool, List<Thing> keys, boolean one) throws IOException {
    JsonArray items = new JsonArray();
    for (Thing key : keys) {
      Optional<JsonObject> status = spool.status(key);
      if (status.isPresent()) {
        items.add(status.get().get("pod"));
      } else {
        Optional<Spool.Wanted> wanted = spool.wanted(key);
        if (wanted.isPresent()) {
          items.add(wanted.get().document().source());
        }
      }
    }
    JsonElement all;
    if (one && items.size() == 1) {
      all = items.get(0);
    } else {
      JsonObject list = new JsonObject();
      list.addProperty("apiVersion", "v1");
      list.addProperty("kind", "List");
      list.add("items", items);
      all = list;
    }
    context
        .terminal()
        .out()
        .println(
            output.equals("json") ? OutputOption.render(all) : Yaml.render(all).stripTrailing());
  }
}
