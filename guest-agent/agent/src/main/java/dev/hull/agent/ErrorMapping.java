package dev.hull.agent;

import dev.hull.agent.linux.Errno;
import dev.hull.agent.linux.LinuxException;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.TimeoutException;

/** The one table from what a service throws to the status that the host gets. */
final class ErrorMapping implements ServerInterceptor {

  static Status statusOf(Throwable error) {
    String message = Objects.requireNonNullElse(error.getMessage(), error.toString());
    return switch (error) {
      case StatusRuntimeException e -> e.getStatus();
      case StatusException e -> e.getStatus();
      case IllegalArgumentException e -> Status.INVALID_ARGUMENT.withDescription(message);
      case IllegalStateException e -> Status.FAILED_PRECONDITION.withDescription(message);
      case TimeoutException e -> Status.DEADLINE_EXCEEDED.withDescription(message);
      case LinuxException e ->
          (e.errno().equals(Errno.ENOSPC) || e.errno().equals(Errno.ENOMEM)
                  ? Status.RESOURCE_EXHAUSTED
                  : Status.INTERNAL)
              .withDescription(message);
      case IOException e -> Status.INTERNAL.withDescription(message);
      case UncheckedIOException e -> Status.INTERNAL.withDescription(message);
      default -> Status.INTERNAL.withDescription(error.toString());
    };
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      @Override
      public void onMessage(Q message) {
        guard(() -> super.onMessage(message));
      }

      @Override
      public void onHalfClose() {
        guard(super::onHalfClose);
      }

      private void guard(Runnable step) {
        try {
          step.run();
        } catch (RuntimeException e) {
          try {
            call.close(statusOf(e).withCause(e), new Metadata());
          } catch (IllegalStateException closed) {
            // The service had answered before it threw.
            closed.addSuppressed(e);
          }
        }
      }
    };
  }
}
