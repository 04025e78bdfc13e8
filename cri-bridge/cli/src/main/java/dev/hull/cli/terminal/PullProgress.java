package dev.hull.cli.terminal;

/** One line a pull on stderr: a bar on a terminal, a beginning and an end elsewhere. */
public final class PullProgress {
  private static final int CELLS = 30;

  private final Terminal terminal;
  private boolean barShown;

  public PullProgress(Terminal terminal) {
    this.terminal = terminal;
  }

  public void begin(String image) {
    if (!terminal.errIsTerminal()) {
      terminal.err().println("pulling " + image);
    }
  }

  /** Draws the bar anew; {@code totalBytes} 0 as long as it is unknown. */
  public void advance(String image, long doneBytes, long totalBytes) {
    if (!terminal.errIsTerminal() || totalBytes <= 0) {
      return;
    }
    int full = (int) Math.min(CELLS, CELLS * (double) doneBytes / totalBytes);
    terminal
        .err()
        .print(
            "\r\u001b[K"
                + image
                + " ["
                + "#".repeat(full)
                + " ".repeat(CELLS - full)
                + "] "
                + Amounts.bytes(Math.min(doneBytes, totalBytes))
                + " of "
                + Amounts.bytes(totalBytes));
    terminal.err().flush();
    barShown = true;
  }

  public void end() {
    if (barShown) {
      terminal.err().print("\r\u001b[K");
      terminal.err().flush();
      barShown = false;
    }
  }
}
