package dev.hull.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The native launcher, built from its sources for the tests that run it. */
public final class NativeLauncher {
  private NativeLauncher() {}

  /** Builds it if it is not up to date, and returns where it is. Wants gcc and make. */
  public static Path build() {
    Path sources = Path.of("../launcher").toAbsolutePath().normalize();
    Path out = Path.of("target/launcher").toAbsolutePath();
    try {
      Files.createDirectories(out);
      Process make =
          new ProcessBuilder("make", "-C", sources.toString(), "OUT=" + out, out + "/launch")
              .redirectErrorStream(true)
              .start();
      String said = new String(make.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (make.waitFor() != 0) {
        throw new AssertionError("the launcher does not build:\n" + said);
      }
    } catch (IOException e) {
      throw new AssertionError("building the launcher wants gcc, make and libc6-dev", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    return out.resolve("launch");
  }
}
