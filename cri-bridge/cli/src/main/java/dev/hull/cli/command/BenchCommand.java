package dev.hull.cli.command;

import dev.hull.cli.bench.BoundsCheck;
import dev.hull.cli.bench.FigureJson;
import dev.hull.cli.bench.FigureTable;
import dev.hull.cli.bench.Page;
import dev.hull.cli.bench.Suite;
import dev.hull.cli.daemon.Daemons;
import dev.hull.cri.host.Bench;
import dev.hull.cri.host.Bench.Outcome;
import dev.hull.cri.host.Benches;
import dev.hull.cri.host.Benches.Bound;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** hull bench. */
@Command(
    name = "bench",
    description = {
      "Measure on this machine, such as: hull bench start --runs 5 --output json",
      "hull bench check measures everything, and fails where a ratio or an amount of memory is worse"
          + " than its bound."
    })
final class BenchCommand implements Callable<Integer> {
  private static final int MOST_RUNS = 1000;
  private static final String CHECK = "check";

  private final Context context;
  private final Supplier<Optional<Benches>> benches;
  @Mixin ReportOption output = new ReportOption();

  @Parameters(
      paramLabel = "WHAT",
      description =
          "start, memory, density, churn, exec, logs, stream, pull, all of them, check, or soak.")
  String name = "";

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "How often what is measured more than once is (default: 5).")
  int runs = 5;

  @Option(names = "--hypervisor", paramLabel = "URI", description = "A libvirt connection URI.")
  String hypervisor = "";

  @Option(names = "--guest-image", paramLabel = "DIR", description = "Made by images/guest.")
  Optional<Path> guestImage = Optional.empty();

  @Option(
      names = "--root",
      paramLabel = "DIR",
      description = "Where it makes the template (default: /var/lib/hull/bench).")
  Path root = Daemons.DEFAULT_ROOT.resolve("bench");

  BenchCommand(Context context) {
    this(context, () -> ServiceLoader.load(Benches.class).findFirst());
  }

  BenchCommand(Context context, Supplier<Optional<Benches>> benches) {
    this.context = context;
    this.benches = benches;
  }

  @Override
  public Integer call() throws UserException, HostException {
    if (runs < 1 || runs > MOST_RUNS) {
      throw new UserException("--runs must be between 1 and " + MOST_RUNS + ", not " + runs);
    }
    Benches known =
        benches
            .get()
            .orElseThrow(
                () ->
                    new UserException(
                        "this hull has no measurements on its class path; start it by the launcher"
                            + " ./hull"));
    List<Bound> bounds = name.equals(CHECK) ? known.bounds() : List.of();
    Outcome outcome =
        bench(known).run(runs, options(), line -> context.terminal().err().println(line));
    print(outcome);
    return name.equals(CHECK) ? check(outcome, bounds) : ExitCodes.OK;
  }

  private Bench bench(Benches known) throws UserException {
    Suite all = new Suite(known.all());
    if (name.equals(CHECK)) {
      return all;
    }
    List<Bench> choice = new ArrayList<>(known.all());
    choice.add(all);
    return choice.stream()
        .filter(bench -> bench.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UserException(
                    "there is no bench %s; there is: %s"
                        .formatted(
                            name,
                            Stream.concat(choice.stream().map(Bench::name), Stream.of(CHECK))
                                .collect(Collectors.joining(", ")))));
  }

  private DaemonProvider.Options options() throws HostException {
    return new DaemonProvider.Options(
        root.toAbsolutePath().resolve("hull.sock"),
        root.toAbsolutePath(),
        Daemons.guestImage(guestImage, context.environment()),
        hypervisor,
        false);
  }

  private void print(Outcome outcome) {
    switch (output.format) {
      case TEXT -> context.terminal().out().print(FigureTable.render(outcome.figures()));
      case JSON -> context.terminal().out().println(OutputOption.render(FigureJson.of(outcome)));
      case HTML -> context.terminal().out().print(Page.render(name, outcome));
    }
  }

  private int check(Outcome outcome, List<Bound> bounds) {
    List<String> complaints = BoundsCheck.complaints(outcome.figures(), bounds);
    complaints.forEach(context::complain);
    if (!complaints.isEmpty()) {
      return ExitCodes.FAILED;
    }
    context.terminal().err().println("all %d bounds are kept".formatted(bounds.size()));
    return ExitCodes.OK;
  }
}
