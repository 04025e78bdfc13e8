package dev.hull.cri.host;

/**
 * Something on this machine stands in the way. The message is a sentence for a person, with the
 * remedy.
 */
public final class HostException extends Exception {
  private static final long serialVersionUID = 1L;

  public HostException(String message) {
    super(message);
  }

  public HostException(String message, Throwable cause) {
    super(message, cause);
  }
}
