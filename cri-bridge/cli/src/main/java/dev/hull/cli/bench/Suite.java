package dev.hull.cli.bench;

import dev.hull.cri.host.Bench;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Those benches as one that are part of all. A figure that two of them measured is there once, with
 * the runs of both.
 */
public final class Suite implements Bench {
  private final List<Bench> benches;

  public Suite(List<Bench> benches) {
    this.benches = benches.stream().filter(Bench::isPartOfAll).toList();
  }

  @Override
  public String name() {
    return "all";
  }

  @Override
  public String description() {
    return "all of these in one run";
  }

  @Override
  public boolean isPartOfAll() {
    return false;
  }

  @Override
  public Outcome run(int runs, DaemonProvider.Options options, Consumer<String> progress)
      throws HostException {
    Map<String, Figure> figures = new LinkedHashMap<>();
    List<Start> starts = new ArrayList<>();
    for (Bench bench : benches) {
      progress.accept("bench " + bench.name() + ": " + bench.description());
      Outcome outcome = bench.run(runs, options, progress);
      outcome.figures().forEach(figure -> figures.merge(figure.name(), figure, Suite::both));
      starts.addAll(outcome.starts());
    }
    return new Outcome(List.copyOf(figures.values()), starts);
  }

  private static Figure both(Figure first, Figure second) {
    List<Double> runs = new ArrayList<>(first.runs());
    runs.addAll(second.runs());
    return Figure.of(first.name(), first.unit(), runs);
  }
}
