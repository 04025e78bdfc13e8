package dev.hull.tests.soak;

/** The daemon said what is not so. */
public final class UntrueException extends Exception {
  private static final long serialVersionUID = 1;

  UntrueException(String message) {
    super(message);
  }
}
