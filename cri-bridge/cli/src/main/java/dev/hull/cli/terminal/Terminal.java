package dev.hull.cli.terminal;

import java.io.PrintStream;
import java.util.Map;

/**
 * Where output goes, and whether a person looks at it. The launcher tells which of our streams are
 * terminals, because asking the JDK for its console costs a tenth of a second.
 */
public record Terminal(
    PrintStream out, PrintStream err, boolean outIsTerminal, boolean errIsTerminal) {

  /** As the launcher's variable HULL_TERMINAL says ({@code out}, {@code err} or both). */
  public static Terminal of(PrintStream out, PrintStream err, Map<String, String> environment) {
    String terminals = environment.getOrDefault("HULL_TERMINAL", "");
    return new Terminal(out, err, terminals.contains("out"), terminals.contains("err"));
  }

  /** Prints a line that has no line break yet. */
  public void line(boolean stderr, byte[] line) {
    PrintStream stream = stderr ? err : out;
    stream.write(line, 0, line.length);
    stream.write('\n');
    stream.flush();
  }

  /** Colours for stdout; none where nobody sees them or NO_COLOR is set. */
  public Style style(Map<String, String> environment) {
    boolean refused = !environment.getOrDefault("NO_COLOR", "").isEmpty();
    return outIsTerminal && !refused ? Style.COLOURS : Style.PLAIN;
  }
}
