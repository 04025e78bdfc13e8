package dev.hull.cri.bridge.call;

import dev.hull.images.ImageException;
import dev.hull.vm.MachineException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;

/** The one table from an error to the status that a caller sees. */
public final class ErrorTable {
  private ErrorTable() {}

  /** The message of what is thrown is the status's description; a defect's is not shown. */
  public static Status status(Throwable thrown) {
    return switch (thrown) {
      case Refusal refusal -> described(refusal.code(), refusal);
      case MachineException machine -> described(code(machine.kind()), machine);
      case ImageException image -> described(code(image.kind()), image);
      case StatusRuntimeException status -> status.getStatus();
      case StatusException status -> status.getStatus();
      default ->
          Status.INTERNAL
              .withDescription(
                  "the daemon failed while it answered this call; its log says more ("
                      + thrown.getClass().getSimpleName()
                      + ")")
              .withCause(thrown);
    };
  }

  static Status.Code code(MachineException.Kind kind) {
    return switch (kind) {
      case INVALID -> Status.Code.INVALID_ARGUMENT;
      case NOT_FOUND -> Status.Code.NOT_FOUND;
      case ALREADY_EXISTS -> Status.Code.ALREADY_EXISTS;
      case WRONG_STATE -> Status.Code.FAILED_PRECONDITION;
      case EXHAUSTED -> Status.Code.RESOURCE_EXHAUSTED;
      case UNAVAILABLE -> Status.Code.UNAVAILABLE;
      case DEADLINE -> Status.Code.DEADLINE_EXCEEDED;
      case HOSTILE_GUEST, INTERNAL -> Status.Code.INTERNAL;
    };
  }

  static Status.Code code(ImageException.Kind kind) {
    return switch (kind) {
      case INVALID -> Status.Code.INVALID_ARGUMENT;
      case NOT_FOUND -> Status.Code.NOT_FOUND;
      case UNAUTHORIZED -> Status.Code.UNAUTHENTICATED;
      case CORRUPT -> Status.Code.DATA_LOSS;
      case UNAVAILABLE -> Status.Code.UNAVAILABLE;
      case EXHAUSTED -> Status.Code.RESOURCE_EXHAUSTED;
      case IN_USE -> Status.Code.FAILED_PRECONDITION;
      case INTERNAL -> Status.Code.INTERNAL;
    };
  }

  private static Status described(Status.Code code, RuntimeException thrown) {
    String message = thrown.getMessage();
    return code.toStatus()
        .withDescription(message == null ? code.name() : message)
        .withCause(thrown);
  }
}
