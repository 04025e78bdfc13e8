package dev.hull.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The native programs, built from their sources for the tests that run them. */
public final class NativePrograms {
  private NativePrograms() {}

  /** The launcher. */
  public static Path launcher() {
    return build("launch");
  }

  /** The library that the agent loads. */
  public static Path library() {
    return build("libhull.so");
  }

  /** Builds it if it is not up to date, and returns where it is. Wants gcc and make. */
  private static Path build(String name) {
    Path sources = Path.of("../launcher").toAbsolutePath().normalize();
    Path out = Path.of("target/launcher").toAbsolutePath();
    try {
      Files.createDirectories(out);
      Process make =
          new ProcessBuilder("make", "-C", sources.toString(), "OUT=" + out, out + "/" + name)
              .redirectErrorStream(true)
              .start();
      String said = new String(make.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (make.waitFor() != 0) {
        throw new AssertionError(name + " does not build:\n" + said);
      }
    } catch (IOException e) {
      throw new AssertionError("building " + name + " wants gcc, make and libc6-dev", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    return out.resolve(name);
  }
}
