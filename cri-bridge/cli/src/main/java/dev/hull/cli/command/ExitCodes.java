package dev.hull.cli.command;

/** What the shell gets; as docker and kubectl users know them. */
public final class ExitCodes {
  public static final int OK = 0;

  /** The command failed. */
  public static final int FAILED = 1;

  /** The command line was wrong. */
  public static final int USAGE = 2;

  /**
   * {@code run} and {@code demo}: it was Hull that failed, not a container; as {@code docker run}.
   */
  public static final int HULL_FAILED = 125;

  private ExitCodes() {}
}
