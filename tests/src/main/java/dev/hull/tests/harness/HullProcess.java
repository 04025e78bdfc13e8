package dev.hull.tests.harness;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command {@code hull} in a process of its own, as the launcher starts it. */
public final class HullProcess implements AutoCloseable {
  private static final Duration ENDS_WITHIN = Duration.ofMinutes(3);

  private final Process process;
  private final Path out;
  private final Path err;

  private HullProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * Starts it.
   *
   * @param root instead of /var/lib/hull; what it prints is kept beside it
   */
  public static HullProcess start(Path root, String... arguments) {
    try {
      Path out = Files.createTempFile(root.toAbsolutePath().getParent(), "hull", ".out");
      Path err = Files.createTempFile(root.toAbsolutePath().getParent(), "hull", ".err");
      // A shell ignores SIGINT for what it runs in the background, and a JVM leaves that as it is.
      ProcessBuilder builder =
          builder(root, List.of("env", "--default-signal=INT"), arguments)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      return new HullProcess(builder.start(), out, err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it on a terminal, on which is seen what it prints. */
  public static HullProcess start(Pseudoterminal terminal, Path root, String... arguments) {
    try {
      Path nothing = Files.createTempFile(root.toAbsolutePath().getParent(), "hull", ".out");
      ProcessBuilder builder =
          builder(root, List.of("setsid", "--ctty", "--wait"), arguments)
              .redirectInput(terminal.device().toFile())
              .redirectOutput(terminal.device().toFile())
              .redirectError(terminal.device().toFile());
      return new HullProcess(builder.start(), nothing, nothing);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ProcessBuilder builder(Path root, List<String> before, String... arguments) {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.hull.cli.Main"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("HULL_ROOT", root.toString());
    builder.environment().put("HULL_GUEST_IMAGE", TestEnvironment.guestImage().toString());
    builder.environment().put("HULL_LOG_LEVEL", "WARN");
    return builder;
  }

  /** Writes to its standard input. */
  public void type(String text) {
    try {
      process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String out() {
    return read(out);
  }

  public String err() {
    return read(err);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until it has made this file: its socket, say. */
  public void awaitFile(Path file) {
    await(file + " is there")
        .atMost(ENDS_WITHIN)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              if (!process.isAlive()) {
                throw new IllegalStateException("hull ended without it:\n" + out() + err());
              }
              return Files.exists(file);
            });
  }

  /** Waits until it has written this to its standard output. */
  public HullProcess awaitOutput(String text) {
    await("hull prints " + text)
        .atMost(ENDS_WITHIN)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              if (!process.isAlive() && !out().contains(text)) {
                throw new IllegalStateException("hull ended without it:\n" + out() + err());
              }
              return out().contains(text);
            });
    return this;
  }

  /** As Ctrl-C. */
  public HullProcess interrupt() {
    try {
      Process kill =
          new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).inheritIO().start();
      if (kill.waitFor() != 0) {
        throw new IllegalStateException("kill failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
    return this;
  }

  /** As {@code kill -9}. */
  public void kill() {
    process.destroyForcibly();
    var _ = exitCode();
  }

  /** Waits until it has ended. */
  public int exitCode() {
    try {
      if (!process.waitFor(ENDS_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("hull has not ended:\n" + out() + err());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Ends it in order if it still runs. */
  @Override
  public void close() {
    process.destroy();
    var _ = exitCode();
  }
}
