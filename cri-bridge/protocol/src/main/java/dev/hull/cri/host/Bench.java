package dev.hull.cri.host;

import java.util.List;
import java.util.function.Consumer;

/** Measures on this machine, in one run, so that the ratios mean something. */
public interface Bench {
  /** What can be measured: {@code start}, … */
  List<String> names();

  /** Runs one; tells {@code progress} a line at a time what it does (command lines among it). */
  List<Figure> run(String name, int runs, DaemonProvider.Options options, Consumer<String> progress)
      throws HostException;

  /** A figure: its median over the runs, and each run. */
  record Figure(String name, double value, String unit, List<Double> runs) {
    public Figure {
      runs = List.copyOf(runs);
    }
  }
}
