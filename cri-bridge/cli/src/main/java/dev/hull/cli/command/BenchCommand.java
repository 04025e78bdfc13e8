package dev.hull.cli.command;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.hull.cli.daemon.Daemons;
import dev.hull.cli.terminal.Table;
import dev.hull.cri.host.Bench;
import dev.hull.cri.host.Bench.Figure;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** hull bench. */
@Command(
    name = "bench",
    description = "Measure on this machine, such as: hull bench start --runs 5 --output json")
final class BenchCommand implements Callable<Integer> {
  private static final int MOST_RUNS = 1000;

  private final Context context;
  private final Supplier<Optional<Bench>> benches;
  @Mixin OutputOption output = new OutputOption();

  @Parameters(paramLabel = "WHAT", description = "start")
  String name = "";

  @Option(names = "--runs", paramLabel = "N", description = "How often (default: 5).")
  int runs = 5;

  @Option(names = "--hypervisor", paramLabel = "URI", description = "A libvirt connection URI.")
  String hypervisor = "";

  @Option(names = "--guest-image", paramLabel = "DIR", description = "Made by images/guest.")
  Optional<Path> guestImage = Optional.empty();

  @Option(
      names = "--root",
      paramLabel = "DIR",
      description = "Where its daemon keeps everything (default: /var/lib/hull/bench).")
  Path root = Daemons.DEFAULT_ROOT.resolve("bench");

  BenchCommand(Context context) {
    this(context, () -> ServiceLoader.load(Bench.class).findFirst());
  }

  BenchCommand(Context context, Supplier<Optional<Bench>> benches) {
    this.context = context;
    this.benches = benches;
  }

  @Override
  public Integer call() throws UserException, HostException {
    if (runs < 1 || runs > MOST_RUNS) {
      throw new UserException("--runs must be between 1 and " + MOST_RUNS + ", not " + runs);
    }
    Bench bench =
        benches
            .get()
            .orElseThrow(
                () ->
                    new UserException(
                        "this hull has no measurements on its class path; start it by the launcher"
                            + " ./hull"));
    if (!bench.names().contains(name)) {
      throw new UserException(
          "there is no bench " + name + "; there is: " + String.join(", ", bench.names()));
    }
    DaemonProvider.Options options =
        new DaemonProvider.Options(
            root.toAbsolutePath().resolve("hull.sock"),
            root.toAbsolutePath(),
            Daemons.guestImage(guestImage, context.environment()),
            hypervisor,
            false);
    List<Figure> figures =
        bench.run(name, runs, options, line -> context.terminal().err().println(line));
    if (output.json()) {
      context.terminal().out().println(OutputOption.render(json(figures)));
    } else {
      context.terminal().out().print(table(figures));
    }
    return ExitCodes.OK;
  }

  private static String table(List<Figure> figures) {
    Table table = new Table("FIGURE", "MEDIAN", "UNIT", "RUNS");
    for (Figure figure : figures) {
      table.row(
          figure.name(),
          number(figure.value()),
          figure.unit(),
          figure.runs().stream().map(BenchCommand::number).collect(Collectors.joining(" ")));
    }
    return table.render();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value).replaceAll("\\.?0+$", "");
  }

  private static JsonObject json(List<Figure> figures) {
    JsonArray items = new JsonArray();
    for (Figure figure : figures) {
      JsonObject item = new JsonObject();
      item.addProperty("name", figure.name());
      item.addProperty("value", figure.value());
      item.addProperty("unit", figure.unit());
      JsonArray each = new JsonArray();
      figure.runs().forEach(each::add);
      item.add("runs", each);
      items.add(item);
    }
    JsonObject root = new JsonObject();
    root.add("figures", items);
    return root;
  }
}
