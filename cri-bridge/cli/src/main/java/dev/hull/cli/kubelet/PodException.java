package dev.hull.cli.kubelet;

import org.jspecify.annotations.Nullable;

/** The pod cannot run, or cannot go on. The message is a sentence for a person. */
public final class PodException extends Exception {
  private static final long serialVersionUID = 1L;

  public PodException(String message) {
    super(message);
  }

  public PodException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
