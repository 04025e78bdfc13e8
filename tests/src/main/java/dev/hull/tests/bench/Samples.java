package dev.hull.tests.bench;

import dev.hull.cri.host.Bench;
import dev.hull.cri.host.Bench.Figure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was measured so far: values by name, in the order in which the names first came. */
final class Samples {
  private record Series(String unit, List<Double> values) {}

  private final Map<String, Series> series = new LinkedHashMap<>();

  void add(String name, String unit, double value) {
    series.computeIfAbsent(name, _ -> new Series(unit, new ArrayList<>())).values().add(value);
  }

  void time(String name, Duration took) {
    add(name, "s", Stopwatch.seconds(took));
  }

  /** How many of the one the other is, by their medians. */
  void ratio(String name, String of, String to) {
    add(name, "ratio", median(of) / median(to));
  }

  double median(String name) {
    return figure(name, of(name)).value();
  }

  /** The value that so many per cent of all do not exceed (by nearest rank). */
  double percentile(String name, int percent) {
    List<Double> sorted = of(name).values().stream().sorted().toList();
    int rank = (int) Math.ceil(percent / 100.0 * sorted.size());
    return sorted.get(Math.max(rank, 1) - 1);
  }

  double last(String name) {
    return of(name).values().getLast();
  }

  private Series of(String name) {
    Series found = series.get(name);
    if (found == null) {
      throw new IllegalArgumentException("nothing was measured as " + name);
    }
    return found;
  }

  private static Figure figure(String name, Series values) {
    return Figure.of(name, values.unit(), values.values());
  }

  List<Bench.Figure> figures() {
    return series.entrySet().stream()
        .map(entry -> figure(entry.getKey(), entry.getValue()))
        .toList();
  }
}
