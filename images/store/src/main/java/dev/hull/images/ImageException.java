package dev.hull.images;

/**
 * An image could not be pulled, loaded, found or removed. The message is a sentence that names the
 * image, the reason and the remedy. It never has a credential in it.
 */
public final class ImageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What a caller can do about it. */
  public enum Kind {
    /** The reference or the content breaks a specification. */
    INVALID,
    NOT_FOUND,
    UNAUTHORIZED,
    /** Bytes do not have the digest that names them, or end early. */
    CORRUPT,
    /** The registry cannot be reached, or fails. */
    UNAVAILABLE,
    /** The disk is full; the message has the numbers. */
    EXHAUSTED,
    IN_USE,
    INTERNAL
  }

  private final Kind kind;

  public ImageException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public ImageException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
