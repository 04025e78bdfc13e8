package dev.hull.cli.bench;

import dev.hull.cri.host.Bench.Figure;
import dev.hull.cri.host.Benches.Bound;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whether figures keep to their bounds. */
public final class BoundsCheck {
  /** What is the same on a fast machine and on a slow one. */
  private static final Set<String> UNITS = Set.of("ratio", "MiB");

  private BoundsCheck() {}

  /**
   * A sentence for each bound that is not kept, with the figure's name, its value and the bound;
   * and for each that could not be checked, because its figure was not measured or is of a unit
   * that nothing can be said about. Empty if all is well.
   */
  public static List<String> complaints(List<Figure> figures, List<Bound> bounds) {
    Map<String, Figure> measured = new LinkedHashMap<>();
    figures.forEach(figure -> measured.put(figure.name(), figure));
    List<String> complaints = new ArrayList<>();
    for (Bound bound : bounds) {
      Figure figure = measured.get(bound.figure());
      if (figure == null) {
        complaints.add(
            "%s was not measured, but has a bound of %s"
                .formatted(bound.figure(), FigureTable.number(bound.most())));
      } else if (!UNITS.contains(figure.unit())) {
        complaints.add(
            "%s is of unit %s, and bounds are of ratios and memory; take its bound away"
                .formatted(figure.name(), figure.unit()));
      } else if (!(figure.value() <= bound.most())) {
        complaints.add(
            "%s is %s, more than its bound of %s (%s)"
                .formatted(
                    figure.name(),
                    FigureTable.number(figure.value()),
                    FigureTable.number(bound.most()),
                    figure.unit()));
      }
    }
    return complaints;
  }
}
