package dev.hull.cri.bridge.call;

import io.grpc.Status;

/** A call that the bridge itself refuses. The message is a sentence for a person. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;

  private Refusal(Status.Code code, String message) {
    super(message);
    this.code = code;
  }

  /** The request can never succeed as it is. */
  public static Refusal invalid(String message) {
    return new Refusal(Status.Code.INVALID_ARGUMENT, message);
  }

  public static Refusal notFound(String message) {
    return new Refusal(Status.Code.NOT_FOUND, message);
  }

  public static Refusal exists(String message) {
    return new Refusal(Status.Code.ALREADY_EXISTS, message);
  }

  /** Possible, but not in the present state, or not with this runtime. */
  public static Refusal state(String message) {
    return new Refusal(Status.Code.FAILED_PRECONDITION, message);
  }

  /** A field that asks for what this runtime does not give. {@code why} ends with the remedy. */
  public static Refusal field(String path, String why) {
    return state(path + " is refused: " + why);
  }

  public static Refusal deadline(String message) {
    return new Refusal(Status.Code.DEADLINE_EXCEEDED, message);
  }

  public static Refusal unimplemented(String message) {
    return new Refusal(Status.Code.UNIMPLEMENTED, message);
  }

  /** Too much of something at a time; later it may succeed. */
  public static Refusal exhausted(String message) {
    return new Refusal(Status.Code.RESOURCE_EXHAUSTED, message);
  }

  public static Refusal unavailable(String message) {
    return new Refusal(Status.Code.UNAVAILABLE, message);
  }

  public Status.Code code() {
    return code;
  }
}
