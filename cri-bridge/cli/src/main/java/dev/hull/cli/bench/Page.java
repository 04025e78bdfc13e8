package dev.hull.cli.bench;

import dev.hull.cri.host.Bench.Figure;
import dev.hull.cri.host.Bench.Outcome;
import dev.hull.cri.host.Bench.Start;
import java.util.List;

/**
 * An outcome as one HTML page that needs nothing else: no script, no network. It is well-formed XML
 * too.
 */
public final class Page {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; }
      body { font: 14px/1.5 system-ui, sans-serif; max-width: 1000px; margin: 2em auto; padding: 0 1em; }
      table { border-collapse: collapse; width: 100%; }
      th, td { text-align: left; padding: 2px 10px 2px 0; border-bottom: 1px solid #8884; }
      td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
      td.runs { opacity: .7; font-variant-numeric: tabular-nums; }
      svg { width: 100%; font-size: 12px; }
      svg text { fill: currentColor; }
      svg text.tick { text-anchor: middle; opacity: .7; }
      svg text.took { text-anchor: end; opacity: .7; }
      svg line { stroke: currentColor; opacity: .15; }
      svg rect.depth0 { fill: #3b6ea8; }
      svg rect.depth1 { fill: #d58936; }
      """;

  private Page() {}

  /** The page of an outcome of the bench of this name. */
  public static String render(String name, Outcome outcome) {
    String title = "hull bench " + name;
    Tag body = Tag.of("body").add(Tag.of("h1").text(title));
    Waterfall waterfall = Waterfall.of(outcome.starts());
    for (Start start : outcome.starts()) {
      body.add(Tag.of("h2").text("A pod's start: " + start.name())).add(waterfall.draw(start));
    }
    body.add(Tag.of("h2").text("Figures")).add(table(outcome.figures()));
    Tag head =
        Tag.of("head")
            .add(Tag.of("meta").with("charset", "utf-8"))
            .add(Tag.of("title").text(title))
            .add(Tag.of("style").text(STYLE));
    return "<!DOCTYPE html>\n"
        + Tag.of("html")
            .with("xmlns", "http://www.w3.org/1999/xhtml")
            .with("lang", "en")
            .add(head)
            .add(body);
  }

  private static Tag table(List<Figure> figures) {
    Tag table =
        Tag.of("table")
            .add(
                Tag.of("tr")
                    .add(Tag.of("th").text("figure"))
                    .add(Tag.of("th").with("class", "number").text("median"))
                    .add(Tag.of("th").text("unit"))
                    .add(Tag.of("th").text("runs")));
    for (Figure figure : figures) {
      table.add(
          Tag.of("tr")
              .add(Tag.of("td").text(figure.name()))
              .add(Tag.of("td").with("class", "number").text(FigureTable.number(figure.value())))
              .add(Tag.of("td").text(figure.unit()))
              .add(Tag.of("td").with("class", "runs").text(FigureTable.runs(figure))));
    }
    return table;
  }
}
