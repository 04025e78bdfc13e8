package dev.hull.cli.bench;

import dev.hull.cli.terminal.Table;
import dev.hull.cri.host.Bench.Figure;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Figures as a table for people. */
public final class FigureTable {
  private FigureTable() {}

  /** A line a figure, in their order, below a line of headings. */
  public static String render(List<Figure> figures) {
    Table table = new Table("FIGURE", "MEDIAN", "UNIT", "RUNS");
    for (Figure figure : figures) {
      table.row(figure.name(), number(figure.value()), figure.unit(), runs(figure));
    }
    return table.render();
  }

  static String runs(Figure figure) {
    return figure.runs().stream().map(FigureTable::number).collect(Collectors.joining(" "));
  }

  /** At most three digits behind the point, and none that says nothing. */
  static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value).replaceAll("\\.?0+$", "");
  }
}
