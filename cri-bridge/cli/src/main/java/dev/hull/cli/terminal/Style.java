package dev.hull.cli.terminal;

/** Colours, or none. */
public enum Style {
  PLAIN,
  COLOURS;

  private static final int[] PALETTE = {36, 33, 32, 35, 34, 96, 93, 92, 95, 94};

  /** The text in the colour of the {@code index}th of several things. */
  public String tint(int index, String text) {
    return wrap(Integer.toString(PALETTE[Math.floorMod(index, PALETTE.length)]), text);
  }

  public String bold(String text) {
    return wrap("1", text);
  }

  public String good(String text) {
    return wrap("32", text);
  }

  public String warning(String text) {
    return wrap("33", text);
  }

  public String bad(String text) {
    return wrap("31", text);
  }

  private String wrap(String code, String text) {
    return this == PLAIN ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
  }
}
