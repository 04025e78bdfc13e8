package dev.hull.tests.bench;

import dev.hull.cri.host.Bench.Start;
import dev.hull.cri.host.Bench.Step;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Starts of one kind: {@code cold}, {@code warm} or {@code spare}. */
final class PodStarts {
  private static final String TO_FIRST_OUTPUT = "start.pod.to_first_output.";

  private final String kind;
  private final List<PodStart> starts = new ArrayList<>();

  PodStarts(String kind) {
    this.kind = kind;
  }

  /** Notes one, with its figures. */
  void add(PodStart start, Samples samples) {
    starts.add(start);
    samples.time("start." + kind, start.sandbox());
    samples.time(TO_FIRST_OUTPUT + kind, start.output());
  }

  /** Notes the share of each step of each start in the time to the first output. */
  void addShares(Samples samples) {
    for (PodStart start : starts) {
      for (Step step : start.steps()) {
        samples.add(
            TO_FIRST_OUTPUT + kind + ".share." + step.name(),
            "ratio",
            Stopwatch.seconds(step.took()) / Stopwatch.seconds(start.output()));
      }
    }
  }

  /** The one of which as many are shorter as longer. */
  Start middle() {
    List<PodStart> sorted = starts.stream().sorted(Comparator.comparing(PodStart::output)).toList();
    return new Start(kind, sorted.get(sorted.size() / 2).steps());
  }
}
