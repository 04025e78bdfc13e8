package dev.hull.cli.command;

import org.jspecify.annotations.Nullable;

/** The command cannot do what was asked. The message is a sentence for a person. */
final class UserException extends Exception {
  private static final long serialVersionUID = 1L;

  UserException(String message) {
    super(message);
  }

  /** What a call for a container failed with; people know the container by its name. */
  static UserException of(Exception e, String id, String name) {
    return new UserException(String.valueOf(e.getMessage()).replace(id, name), e);
  }

  UserException(@Nullable String message, Throwable cause) {
    super(message, cause);
  }
}
