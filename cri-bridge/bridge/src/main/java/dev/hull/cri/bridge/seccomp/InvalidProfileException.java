package dev.hull.cri.bridge.seccomp;

/** A profile that cannot be made a filter of. The message completes "the seccomp profile X …". */
final class InvalidProfileException extends Exception {
  private static final long serialVersionUID = 1L;

  InvalidProfileException(String message) {
    super(message);
  }
}
