package dev.hull.guestimage;

/**
 * The guest image cannot be made. The message names the step, the reason and, if any, the remedy.
 */
public final class GuestImageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  GuestImageException(String message) {
    super(message);
  }

  GuestImageException(String message, Throwable cause) {
    super(message, cause);
  }
}
