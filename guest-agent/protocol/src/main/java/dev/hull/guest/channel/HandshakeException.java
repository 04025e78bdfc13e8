package dev.hull.guest.channel;

/**
 * The agent did not answer, or not in a version that this host speaks. The message is a sentence.
 */
public final class HandshakeException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What was wrong with the agent. */
  public enum Reason {
    /** It did not answer in time. */
    SILENCE,
    /** It speaks no version that this host speaks; another host may. */
    VERSION
  }

  private final Reason reason;

  HandshakeException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
