package dev.hull.cli.kubelet;

/** The run is to end before its pod has: somebody pressed Ctrl-C, or its time is up. */
public final class StopException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  StopException(String message, int exitCode) {
    super(message);
    this.exitCode = exitCode;
  }

  /** As a shell expects it: 130 for SIGINT, 143 for SIGTERM, 124 when the time is up. */
  public int exitCode() {
    return exitCode;
  }
}
