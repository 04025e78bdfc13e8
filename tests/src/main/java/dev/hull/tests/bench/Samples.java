package dev.hull.tests.bench;

import dev.hull.cri.host.Bench;
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

  double median(String name) {
    return median(values(name));
  }

  double last(String name) {
    return values(name).getLast();
  }

  private List<Double> values(String name) {
    Series found = series.get(name);
    if (found == null) {
      throw new IllegalArgumentException("nothing was measured as " + name);
    }
    return found.values();
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  List<Bench.Figure> figures() {
    return series.entrySet().stream()
        .map(
            entry ->
                new Bench.Figure(
                    entry.getKey(),
                    median(entry.getValue().values()),
                    entry.getValue().unit(),
                    entry.getValue().values()))
        .toList();
  }
}
