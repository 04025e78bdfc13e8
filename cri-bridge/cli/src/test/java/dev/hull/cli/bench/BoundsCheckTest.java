package dev.hull.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cri.host.Bench.Figure;
import dev.hull.cri.host.Benches.Bound;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BoundsCheckTest {
  private static final List<Figure> MEASURED =
      List.of(
          Figure.of("warm.ratio", "ratio", List.of(0.25)),
          Figure.of("pod", "MiB", List.of(220.0)),
          Figure.of("warm", "s", List.of(2.9)));

  private static List<String> complaints(Bound... bounds) {
    return BoundsCheck.complaints(MEASURED, List.of(bounds));
  }

  @Test
  void whatIsAtItsBoundKeepsIt() {
    assertThat(complaints(new Bound("warm.ratio", 0.25), new Bound("pod", 230))).isEmpty();
  }

  @Test
  void eachThatIsWorseIsNamedWithItsValueAndItsBound() {
    assertThat(complaints(new Bound("warm.ratio", 0.2), new Bound("pod", 219.5)))
        .containsExactly(
            "warm.ratio is 0.25, more than its bound of 0.2 (ratio)",
            "pod is 220, more than its bound of 219.5 (MiB)");
  }

  @Test
  void aFigureThatIsMissingKeepsNoBound() {
    assertThat(complaints(new Bound("spare", 1)))
        .containsExactly("spare was not measured, but has a bound of 1");
  }

  @Test
  void noNumberKeepsNoBound() {
    assertThat(
            BoundsCheck.complaints(
                List.of(Figure.of("a", "ratio", List.of(Double.NaN))), List.of(new Bound("a", 1))))
        .containsExactly("a is NaN, more than its bound of 1 (ratio)");
  }

  @Test
  void secondsHaveNoBound() {
    assertThat(complaints(new Bound("warm", 100)))
        .containsExactly(
            "warm is of unit s, and bounds are of ratios and memory; take its bound away");
  }
}
