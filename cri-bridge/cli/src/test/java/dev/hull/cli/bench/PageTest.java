package dev.hull.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hull.cri.host.Bench.Figure;
import dev.hull.cri.host.Bench.Outcome;
import dev.hull.cri.host.Bench.Start;
import dev.hull.cri.host.Bench.Step;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

final class PageTest {
  private static final Start COLD =
      new Start(
          "cold",
          List.of(
              step("sandbox", 0, 8000),
              step("sandbox.network", 10, 100),
              step("create", 8000, 500),
              step("start", 8500, 1500)));
  private static final Start WARM =
      new Start("warm", List.of(step("start", 2000, 500), step("sandbox", 0, 2000)));

  private static Step step(String name, long began, long took) {
    return new Step(name, Duration.ofMillis(began), Duration.ofMillis(took));
  }

  private static Outcome outcome(Start... starts) {
    return new Outcome(
        List.of(Figure.of("start.cold", "s", List.of(3.0, 1.0, 2.0))), List.of(starts));
  }

  /** An error if the page is not well-formed. */
  private static Document page(Outcome outcome) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(
            new ByteArrayInputStream(
                Page.render("start", outcome).getBytes(StandardCharsets.UTF_8)));
  }

  private static List<Element> elements(Element root, String tag) {
    NodeList nodes = root.getElementsByTagName(tag);
    List<Element> found = new ArrayList<>();
    for (int index = 0; index < nodes.getLength(); index++) {
      found.add((Element) nodes.item(index));
    }
    return found;
  }

  private static List<String> texts(Element root, String tag, String kind) {
    return elements(root, tag).stream()
        .filter(element -> element.getAttribute("class").equals(kind))
        .map(Element::getTextContent)
        .toList();
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  @Test
  void everyStartHasAWaterfallWithItsStepsInTheOrderInWhichTheyBegan() throws Exception {
    List<Element> pictures = elements(page(outcome(COLD, WARM)).getDocumentElement(), "svg");
    assertThat(pictures).hasSize(2);
    assertThat(texts(pictures.getFirst(), "text", "label"))
        .containsExactly("sandbox", "network", "create", "start");
    assertThat(texts(pictures.getLast(), "text", "label")).containsExactly("sandbox", "start");
    assertThat(elements(pictures.getFirst(), "rect"))
        .extracting(bar -> number(bar, "y"))
        .isSorted();
  }

  @Test
  void allBarsHaveOneScaleThatTheLongestStartFills() throws Exception {
    List<Element> pictures = elements(page(outcome(COLD, WARM)).getDocumentElement(), "svg");
    List<Element> cold = elements(pictures.getFirst(), "rect");
    double perMilli = Waterfall.BARS / 10_000.0;
    assertThat(number(cold.getFirst(), "x")).isEqualTo(Waterfall.LABELS);
    assertThat(number(cold.getFirst(), "width")).isCloseTo(8000 * perMilli, within(0.01));
    assertThat(number(cold.getLast(), "x") + number(cold.getLast(), "width"))
        .isCloseTo(Waterfall.LABELS + Waterfall.BARS, within(0.02));
    List<Element> warm = elements(pictures.getLast(), "rect");
    assertThat(number(warm.getLast(), "x"))
        .isCloseTo(Waterfall.LABELS + 2000 * perMilli, within(0.01));
    assertThat(number(warm.getLast(), "width")).isCloseTo(500 * perMilli, within(0.01));
  }

  @Test
  void aStepThatTookNoTimeCanBeSeen() throws Exception {
    Start start = new Start("cold", List.of(step("share", 5, 0), step("boot", 5, 60_000)));
    List<Element> bars = elements(page(outcome(start)).getDocumentElement(), "rect");
    assertThat(bars).allSatisfy(bar -> assertThat(number(bar, "width")).isGreaterThanOrEqualTo(1));
  }

  @Test
  void theAxisHasRoundTicksInsideTheScale() throws Exception {
    Element picture = elements(page(outcome(COLD)).getDocumentElement(), "svg").getFirst();
    assertThat(texts(picture, "text", "tick"))
        .containsExactly(
            "0 s", "1 s", "2 s", "3 s", "4 s", "5 s", "6 s", "7 s", "8 s", "9 s", "10 s");
  }

  @Test
  void theFiguresAreATable() throws Exception {
    Element root = page(outcome(COLD)).getDocumentElement();
    assertThat(texts(root, "td", "number")).containsExactly("2");
    assertThat(texts(root, "td", "runs")).containsExactly("3 1 2");
  }

  @Test
  void textFromAGuestStaysText() throws Exception {
    String hostile = "</title><script src=\"http://x/\">&\u0000]]>";
    Outcome outcome =
        new Outcome(
            List.of(Figure.of(hostile, "\"><img/>", List.of(1.0))),
            List.of(new Start(hostile, List.of(step(hostile.replace('.', '_'), 0, 1)))));
    Document page = page(outcome);
    assertThat(page.getElementsByTagName("script").getLength()).isZero();
    assertThat(page.getElementsByTagName("img").getLength()).isZero();
    assertThat(texts(page.getDocumentElement(), "text", "label"))
        .containsExactly(hostile.replace('\u0000', '\uFFFD'));
  }

  @Test
  void nothingIsFetchedFromElsewhere() {
    String text = Page.render("start", outcome(COLD, WARM));
    assertThat(text).doesNotContain("<script", "<link", "src=", "href=", "url(", "@import");
  }

  @Test
  void withoutStartsThereAreOnlyFigures() throws Exception {
    Element root = page(outcome()).getDocumentElement();
    assertThat(root.getElementsByTagName("svg").getLength()).isZero();
    assertThat(texts(root, "td", "number")).hasSize(1);
  }
}
