package dev.hull.samples;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs programs of the machine, with a deadline each; the last lines of one that fails are told.
 */
final class Commands {
  private static final int LAST_LINES = 15;

  private final Path logs;

  /**
   * @param logs a folder that gets a log for each program
   */
  Commands(Path logs) {
    this.logs = logs;
  }

  /** Runs a program whose output nobody reads unless it fails. */
  void run(Duration limit, Map<String, String> environment, List<String> command) {
    Path log = log(command);
    ProcessBuilder builder = builder(environment, command).redirectErrorStream(true);
    Process process = start(builder.redirectOutput(log.toFile()), command);
    await(process, limit, command, log);
  }

  /** What a short program prints, or nothing if it fails or is missing. */
  String tryRead(List<String> command) {
    try {
      Process process =
          builder(Map.of(), command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0 ? output : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SampleException("interrupted while " + command.getFirst() + " ran", e);
    }
  }

  /** Copies a program's output. */
  void pipe(Duration limit, List<String> command, OutputStream out) throws IOException {
    Path log = log(command);
    Process process = start(builder(Map.of(), command).redirectError(log.toFile()), command);
    try (InputStream in = process.getInputStream()) {
      in.transferTo(out);
    } catch (IOException e) {
      process.destroyForcibly();
      throw e;
    }
    await(process, limit, command, log);
  }

  private static ProcessBuilder builder(Map<String, String> environment, List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().putAll(environment);
    return builder;
  }

  private static Process start(ProcessBuilder builder, List<String> command) {
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw new SampleException(
          "cannot run "
              + command.getFirst()
              + "; install the Debian packages mmdebstrap, apt and tar",
          e);
    }
  }

  private void await(Process process, Duration limit, List<String> command, Path log) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new SampleException(
            command.getFirst() + " has not ended within " + limit.toSeconds() + " s" + tail(log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SampleException("interrupted while " + command.getFirst() + " ran", e);
    } finally {
      // mmdebstrap unmounts what it has mounted when it is asked to end; it gets time to do so.
      if (process.isAlive()) {
        process.destroy();
        reap(process);
      }
    }
    if (process.exitValue() != 0) {
      throw new SampleException(
          command.getFirst() + " failed with status " + process.exitValue() + tail(log));
    }
  }

  private static void reap(Process process) {
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private Path log(List<String> command) {
    try {
      Path name = Path.of(command.getFirst()).getFileName();
      return Files.createTempFile(logs, name + "-", ".log");
    } catch (IOException e) {
      throw new SampleException("cannot write a log in " + logs, e);
    }
  }

  private static String tail(Path log) {
    try {
      List<String> lines =
          new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
      return "; its last lines:\n"
          + String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    } catch (IOException e) {
      return "; its output cannot be read";
    }
  }
}
