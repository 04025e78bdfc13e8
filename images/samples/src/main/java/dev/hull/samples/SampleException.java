package dev.hull.samples;

/** A sample image cannot be made; the message has the reason and the remedy. */
public final class SampleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SampleException(String message) {
    super(message);
  }

  SampleException(String message, Throwable cause) {
    super(message, cause);
  }
}
