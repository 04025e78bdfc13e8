package dev.hull.cli.bench;

import dev.hull.cri.host.Bench.Start;
import dev.hull.cri.host.Bench.Step;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The steps of a start as bars over time, in the order in which they began. All waterfalls of a
 * page have one scale, so that their lengths compare.
 */
final class Waterfall {
  static final int LABELS = 170;
  static final int BARS = 640;
  private static final int NUMBERS = 170;
  private static final int ROW = 22;
  private static final int BAR = 14;
  private static final int AXIS = 24;
  private static final int INDENT = 14;
  private static final int MOST_TICKS = 10;
  private static final double LEAST_BAR = 1;

  private final Duration whole;

  /**
   * @param whole what is as long as all bars together
   */
  Waterfall(Duration whole) {
    this.whole = whole.isPositive() ? whole : Duration.ofMillis(1);
  }

  /** The scale that the longest of them fills. */
  static Waterfall of(List<Start> starts) {
    return new Waterfall(
        starts.stream()
            .flatMap(start -> start.steps().stream())
            .map(step -> step.began().plus(step.took()))
            .max(Comparator.naturalOrder())
            .orElse(Duration.ZERO));
  }

  Tag draw(Start start) {
    List<Step> steps =
        start.steps().stream()
            .sorted(
                Comparator.comparing(Step::began)
                    // What contains others stands above them.
                    .thenComparing(Step::took, Comparator.reverseOrder()))
            .toList();
    int height = AXIS + steps.size() * ROW;
    Tag picture =
        Tag.of("svg")
            .with("xmlns", "http://www.w3.org/2000/svg")
            .with("viewBox", "0 0 %d %d".formatted(LABELS + BARS + NUMBERS, height))
            .with("role", "img")
            .with("aria-label", "steps of a start: " + start.name());
    axis(picture, height);
    for (int row = 0; row < steps.size(); row++) {
      step(picture, steps.get(row), AXIS + row * ROW);
    }
    return picture;
  }

  private void axis(Tag picture, int height) {
    Duration tick = tick();
    for (Duration at = Duration.ZERO; at.compareTo(whole) <= 0; at = at.plus(tick)) {
      String x = decimal(LABELS + length(at));
      picture.add(
          Tag.of("line").with("x1", x).with("x2", x).with("y1", AXIS - 6).with("y2", height));
      picture.add(
          Tag.of("text")
              .with("class", "tick")
              .with("x", x)
              .with("y", AXIS - 10)
              .text(FigureTable.number(at.toNanos() / 1e9) + " s"));
    }
  }

  /** 1, 2 or 5 times a power of ten. */
  private Duration tick() {
    for (long power = 1; ; power *= 10) {
      for (long factor : new long[] {1, 2, 5}) {
        if (whole.toNanos() / (power * factor) <= MOST_TICKS) {
          return Duration.ofNanos(power * factor);
        }
      }
    }
  }

  private void step(Tag picture, Step step, int y) {
    int depth = (int) step.name().chars().filter(c -> c == '.').count();
    String label = step.name().substring(step.name().lastIndexOf('.') + 1);
    String took = "%d ms".formatted(step.took().toMillis());
    int baseline = y + BAR - 2;
    picture.add(
        Tag.of("text")
            .with("class", "label")
            .with("x", depth * INDENT)
            .with("y", baseline)
            .text(label));
    picture.add(
        Tag.of("rect")
            .with("class", "depth" + Math.min(depth, 1))
            .with("x", decimal(LABELS + length(step.began())))
            .with("y", y)
            .with("width", decimal(Math.max(LEAST_BAR, length(step.took()))))
            .with("height", BAR)
            .add(
                Tag.of("title")
                    .text(
                        "%s: began at %d ms, took %s"
                            .formatted(step.name(), step.began().toMillis(), took))));
    picture.add(
        Tag.of("text")
            .with("class", "took")
            .with("x", LABELS + BARS + NUMBERS)
            .with("y", baseline)
            .text("%s, from %d ms".formatted(took, step.began().toMillis())));
  }

  private double length(Duration duration) {
    return (double) BARS * duration.toNanos() / whole.toNanos();
  }

  private static String decimal(double number) {
    return String.format(Locale.ROOT, "%.2f", number);
  }
}
