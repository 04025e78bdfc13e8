package dev.hull.vm;

import java.util.Objects;

/**
 * A machine or something in it could not be made, found or changed. The message is a sentence for a
 * person: what was being done, to which id, why it failed, and what to do.
 */
public final class MachineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What a caller can do about it; one table in the bridge maps each to a gRPC status. */
  public enum Kind {
    /** The request can never succeed as it is. */
    INVALID,
    NOT_FOUND,
    ALREADY_EXISTS,
    /** Possible, but not in the present state. */
    WRONG_STATE,
    /** The host lacks memory or disk; the message has the numbers. */
    EXHAUSTED,
    /** The machine died, or its agent does not answer. */
    UNAVAILABLE,
    DEADLINE,
    /** The guest said something that the protocol forbids. */
    HOSTILE_GUEST,
    INTERNAL
  }

  private final Kind kind;

  public MachineException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public MachineException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Never null. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  public Kind kind() {
    return kind;
  }
}
