package dev.hull.cri.bridge.session;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;

/**
 * How a session ended, as its error stream tells it: since version 4 of the protocol a {@code
 * Status} of Kubernetes' meta/v1 as JSON, before that a text, and nothing for a success.
 */
public sealed interface Outcome {
  /** The command ended with 0, or an attached container has ended. */
  record Success() implements Outcome {
    @Override
    public byte[] json() {
      return bytes(status("Success"));
    }

    @Override
    public byte[] text() {
      return new byte[0];
    }
  }

  /** The command ended with another code. */
  record Exited(int code) implements Outcome {
    private String message() {
      return "command terminated with non-zero exit code: exit status " + code;
    }

    @Override
    public byte[] json() {
      JsonObject status = status("Failure");
      status.addProperty("message", message());
      status.addProperty("reason", "NonZeroExitCode");
      JsonObject cause = new JsonObject();
      cause.addProperty("reason", "ExitCode");
      cause.addProperty("message", Integer.toString(code));
      status.add("details", causes(cause));
      return bytes(status);
    }

    @Override
    public byte[] text() {
      return message().getBytes(StandardCharsets.UTF_8);
    }
  }

  /** The command or the container could not be reached. */
  record Failed(String why) implements Outcome {
    private static final int INTERNAL_ERROR = 500;

    @Override
    public byte[] json() {
      JsonObject status = status("Failure");
      status.addProperty("message", "Internal error occurred: " + why);
      status.addProperty("reason", "InternalError");
      JsonObject cause = new JsonObject();
      cause.addProperty("message", why);
      status.add("details", causes(cause));
      status.addProperty("code", INTERNAL_ERROR);
      return bytes(status);
    }

    @Override
    public byte[] text() {
      return why.getBytes(StandardCharsets.UTF_8);
    }
  }

  byte[] json();

  byte[] text();

  private static JsonObject status(String status) {
    JsonObject json = new JsonObject();
    json.add("metadata", new JsonObject());
    json.addProperty("status", status);
    return json;
  }

  private static JsonObject causes(JsonObject cause) {
    JsonArray causes = new JsonArray();
    causes.add(cause);
    JsonObject details = new JsonObject();
    details.add("causes", causes);
    return details;
  }

  private static byte[] bytes(JsonObject json) {
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }
}
