package dev.hull.agent.process;

import dev.hull.agent.io.InputWriter;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** How the services answer; one way for all. */
public final class Answers {
  private Answers() {}

  public static <T> void send(StreamObserver<T> to, T answer) {
    to.onNext(answer);
    to.onCompleted();
  }

  /** Answers when the future is there, without a thread waiting for it. */
  public static <F, T> void sendWhen(
      StreamObserver<T> to, CompletableFuture<F> future, Function<F, T> answer) {
    var _ =
        future.whenComplete(
            (value, error) -> {
              try {
                if (error == null) {
                  send(to, answer.apply(value));
                } else {
                  to.onError(statusOf(error).asRuntimeException());
                }
              } catch (StatusRuntimeException | IllegalStateException gone) {
                // The host has hung up; there is nobody to answer.
              }
            });
  }

  /** The status of something that failed. */
  public static Status statusOf(Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    return switch (cause) {
      case StatusRuntimeException e -> e.getStatus();
      case IllegalStateException e -> Status.FAILED_PRECONDITION.withDescription(e.getMessage());
      case InputWriter.ClosedInput e -> Status.FAILED_PRECONDITION.withDescription(e.getMessage());
      default -> Status.INTERNAL.withDescription(cause.toString());
    };
  }

  /** The status of a process that could not be started. */
  public static Status statusOf(LaunchException error) {
    Status status =
        switch (error.kind()) {
          case NOT_FOUND -> Status.NOT_FOUND;
          case PERMISSION_DENIED -> Status.PERMISSION_DENIED;
          case INVALID -> Status.INVALID_ARGUMENT;
          case GONE -> Status.FAILED_PRECONDITION;
          case DEADLINE -> Status.DEADLINE_EXCEEDED;
          case INTERNAL -> Status.INTERNAL;
        };
    return status.withDescription(error.getMessage());
  }
}
