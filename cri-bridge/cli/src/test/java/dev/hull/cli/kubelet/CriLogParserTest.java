package dev.hull.cli.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CriLogParserTest {
  private static final String TIME = "2026-01-01T00:00:00.000000001Z ";

  private final List<String> lines = new ArrayList<>();
  private final CriLogParser parser =
      new CriLogParser(
          (stderr, line) ->
              lines.add((stderr ? "err " : "out ") + new String(line, StandardCharsets.UTF_8)));

  @Test
  void linesAreToldApartByStream() {
    feed(TIME + "stdout F hello world\n" + TIME + "stderr F oh\n");
    assertThat(lines).containsExactly("out hello world", "err oh");
  }

  @Test
  void aPartialLineGoesOnInTheNextEntryOfItsStream() {
    feed(TIME + "stdout P one \n" + TIME + "stderr F between\n" + TIME + "stdout F two\n");
    assertThat(lines).containsExactly("err between", "out one two");
  }

  @Test
  void piecesMayBeginAndEndAnywhere() {
    String text = TIME + "stdout F café\n" + TIME + "stdout F b\n";
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (byte one : bytes) {
      parser.feed(new byte[] {one}, 1);
    }
    assertThat(lines).containsExactly("out café", "out b");
  }

  @Test
  void anEmptyLineIsALine() {
    feed(TIME + "stdout F \n" + TIME + "stdout F\n");
    assertThat(lines).containsExactly("out ", "out ");
  }

  @Test
  void aLineThatIsNotInTheFormatIsPassedOnAsItIs() {
    feed("what is this\n");
    assertThat(lines).containsExactly("out what is this");
  }

  @Test
  void theEndPassesOnWhatHadNoEnd() {
    feed(TIME + "stdout P half");
    parser.finish();
    assertThat(lines).containsExactly("out half");
  }

  @Test
  void anEndlessLineIsPassedOnInPieces() {
    String piece = "x".repeat(16 << 10);
    for (int i = 0; i < 100; i++) {
      feed(TIME + "stdout P " + piece + "\n");
    }
    assertThat(lines).isNotEmpty();
    assertThat(lines.getFirst().length()).isLessThan(CriLogParser.MAX_LINE_BYTES + (20 << 10));
  }

  private void feed(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    parser.feed(bytes, bytes.length);
  }
}
