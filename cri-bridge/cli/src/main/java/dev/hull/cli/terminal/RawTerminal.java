package dev.hull.cli.terminal;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The terminal, passing every key on as it is; closing it gives it back as it was. By stty(1), for
 * the JDK has no such call.
 */
public final class RawTerminal implements AutoCloseable {
  /** How often its size is looked at. */
  public static final Duration LOOK = Duration.ofMillis(500);

  private static final File DEVICE = new File("/dev/tty");

  private final String before;

  private RawTerminal(String before) {
    this.before = before;
  }

  /** There is none to be changed. */
  public static RawTerminal none() {
    return new RawTerminal("");
  }

  /** Changes it; does nothing if this process has no terminal. */
  public static RawTerminal enter() {
    String before = stty("-g");
    if (!before.isEmpty()) {
      var _ = stty("raw", "-echo");
    }
    return new RawTerminal(before);
  }

  /** {@code {"Width":80,"Height":24}}; empty if this process has no terminal. */
  public String size() {
    String[] size = stty("size").split(" ", 2);
    return size.length == 2 && size[0].matches("[1-9]\\d*")
        ? "{\"Width\":%s,\"Height\":%s}".formatted(size[1], size[0])
        : "";
  }

  @Override
  public void close() {
    if (!before.isEmpty()) {
      var _ = stty(before);
    }
  }

  private static String stty(String... words) {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(words));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(DEVICE)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String said =
          new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8).strip();
      return process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0 ? said : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
