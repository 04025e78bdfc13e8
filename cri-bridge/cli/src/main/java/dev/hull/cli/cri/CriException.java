package dev.hull.cli.cri;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;

/** A call failed. The message is a sentence for a person. */
public final class CriException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;

  private CriException(Status.Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  static CriException of(StatusRuntimeException e, String daemon, Duration deadline) {
    Status status = e.getStatus();
    String description = status.getDescription();
    String said = description == null || description.isBlank() ? "" : description.strip();
    String message =
        switch (status.getCode()) {
          case UNAVAILABLE ->
              said.isEmpty() || said.contains("io exception")
                  ? "no daemon answers at " + daemon + "; start one with: hull serve"
                  : said;
          case DEADLINE_EXCEEDED ->
              "the daemon at " + daemon + " did not answer within " + deadline.toSeconds() + " s";
          case CANCELLED -> "the call was cancelled";
          case UNIMPLEMENTED ->
              "the daemon at " + daemon + " does not know this call" + prefixed(said);
          case UNKNOWN, INTERNAL ->
              said.isEmpty() ? "the daemon at " + daemon + " failed; see its log" : said;
          default -> said.isEmpty() ? status.getCode().name() : said;
        };
    return new CriException(status.getCode(), message, e);
  }

  private static String prefixed(String said) {
    return said.isEmpty() ? "" : ": " + said;
  }

  public Status.Code code() {
    return code;
  }
}
