package dev.hull.cli.registry;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.hull.cri.v1.AuthConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A program {@code docker-credential-NAME}, which keeps passwords for Docker. */
@FunctionalInterface
public interface CredentialHelper {
  /** What it has for a host; empty if nothing, or if there is no such program. */
  Optional<AuthConfig> get(String name, String host);

  /** Runs it, as Docker does. */
  CredentialHelper PROGRAM = CredentialHelper::run;

  private static Optional<AuthConfig> run(String name, String host) {
    if (!name.matches("[-A-Za-z0-9_.]+")) {
      return Optional.empty();
    }
    try {
      Process process =
          new ProcessBuilder("docker-credential-" + name, "get")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (OutputStream in = process.getOutputStream()) {
        in.write(host.getBytes(StandardCharsets.UTF_8));
      }
      String said =
          new String(process.getInputStream().readNBytes(64 << 10), StandardCharsets.UTF_8);
      if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        return Optional.empty();
      }
      JsonObject answer = JsonParser.parseString(said).getAsJsonObject();
      return Optional.of(
          AuthConfig.newBuilder()
              .setUsername(answer.get("Username").getAsString())
              .setPassword(answer.get("Secret").getAsString())
              .build());
    } catch (IOException | JsonParseException | IllegalStateException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
