package dev.hull.cri.bridge.session;

import dev.hull.cri.bridge.call.Refusal;

/** The streams that a caller of Exec or Attach wants, as CRI allows them to be combined. */
public record Wanted(boolean stdin, boolean stdout, boolean stderr, boolean tty) {
  /**
   * What a request says.
   *
   * @throws Refusal if CRI's comments forbid the combination
   */
  public static Wanted of(boolean stdin, boolean stdout, boolean stderr, boolean tty) {
    if (tty && stderr) {
      throw Refusal.invalid(
          "tty and stderr are both set, but a terminal has one output; leave stderr out");
    }
    if (!stdin && !stdout && !stderr) {
      throw Refusal.invalid("none of stdin, stdout and stderr is set; set at least one");
    }
    return new Wanted(stdin, stdout, stderr, tty);
  }
}
