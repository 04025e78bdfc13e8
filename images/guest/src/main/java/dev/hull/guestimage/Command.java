package dev.hull.guestimage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Programs that the recipe calls. */
final class Command {
  private static final int LAST_WORDS = 4000;

  private Command() {}

  /**
   * Runs a program and returns what it wrote to standard output.
   *
   * @throws GuestImageException if it does not exist, fails, or runs longer than {@code deadline};
   *     with the last of what it wrote to standard error
   */
  static String run(Path folder, Duration deadline, List<String> command) {
    try {
      Path out = Files.createTempFile("hull-guest-", ".out");
      Path err = Files.createTempFile("hull-guest-", ".err");
      try {
        ProcessBuilder builder =
            new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        // Options for other JVMs are not for those that the recipe starts.
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"));
        builder.environment().putAll(Map.of("LC_ALL", "C.UTF-8"));
        await(builder.start(), deadline, command, out, err);
        return Files.readString(out);
      } finally {
        Files.deleteIfExists(out);
        Files.deleteIfExists(err);
      }
    } catch (IOException e) {
      throw new GuestImageException(
          "cannot run %s: %s; is its package installed?"
              .formatted(command.getFirst(), e.getMessage()),
          e);
    }
  }

  private static void await(
      Process process, Duration deadline, List<String> command, Path out, Path err)
      throws IOException {
    boolean done;
    try {
      done = process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new GuestImageException("interrupted while running " + command.getFirst(), e);
    }
    if (!done) {
      process.destroyForcibly();
      throw new GuestImageException(
          "%s did not end within %d s: %s"
              .formatted(command.getFirst(), deadline.toSeconds(), lastWords(out, err)));
    }
    if (process.exitValue() != 0) {
      throw new GuestImageException(
          "%s failed with exit code %d: %s"
              .formatted(command.getFirst(), process.exitValue(), lastWords(out, err)));
    }
  }

  private static String lastWords(Path out, Path err) throws IOException {
    String words =
        new String(Files.readAllBytes(out), StandardCharsets.UTF_8)
            + new String(Files.readAllBytes(err), StandardCharsets.UTF_8);
    return words.substring(Math.max(0, words.length() - LAST_WORDS)).strip();
  }
}
