package dev.hull.cli.config;

/**
 * Something that the pod refers to is not there (yet), or is not as it must be. The message is a
 * sentence for a person; Kubernetes waits in such a case, for it may come.
 */
public final class MissingException extends Exception {
  private static final long serialVersionUID = 1L;

  public MissingException(String message) {
    super(message);
  }
}
