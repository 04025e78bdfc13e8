package dev.hull.guest.channel;

/**
 * The agent did not answer, or not in a version that this host speaks. The message is a sentence.
 */
public final class HandshakeException extends Exception {
  private static final long serialVersionUID = 1L;

  HandshakeException(String message) {
    super(message);
  }
}
