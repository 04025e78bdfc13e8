package dev.hull.cri.host;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Measures one thing on this machine, in one run, so that the ratios mean something. */
public interface Bench {
  /** What a person calls it: {@code start}, … */
  String name();

  /** One line for people, without a full stop. */
  String description();

  /** Whether it is run where all are asked for; else only by its name, for it takes too long. */
  boolean isPartOfAll();

  /**
   * Measures; blocks for as long as that takes, and leaves nothing behind. Tells {@code progress} a
   * line at a time what it does (command lines among it).
   *
   * @param runs how often, where something is measured more than once
   * @throws HostException if something that is measured fails; there are no figures then
   */
  Outcome run(int runs, DaemonProvider.Options options, Consumer<String> progress)
      throws HostException;

  /** What came out. */
  record Outcome(List<Figure> figures, List<Start> starts) {
    public Outcome {
      figures = List.copyOf(figures);
      starts = List.copyOf(starts);
    }
  }

  /** A figure: its median over the runs, and each run. */
  record Figure(String name, double value, String unit, List<Double> runs) {
    public Figure {
      runs = List.copyOf(runs);
    }

    /** With the median of the runs, of which there is at least one. */
    public static Figure of(String name, String unit, List<Double> runs) {
      List<Double> sorted = runs.stream().sorted().toList();
      int middle = sorted.size() / 2;
      double median =
          sorted.size() % 2 == 1
              ? sorted.get(middle)
              : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
      return new Figure(name, median, unit, runs);
    }
  }

  /**
   * One start of a pod, step by step: that of the middle run.
   *
   * @param name the kind of start: {@code cold}, …
   * @param steps in the order in which they began
   */
  record Start(String name, List<Step> steps) {
    public Start {
      steps = List.copyOf(steps);
    }
  }

  /**
   * A step of a start.
   *
   * @param name a step within another is named {@code outer.inner}
   * @param began since the start began
   */
  record Step(String name, Duration began, Duration took) {}
}
