package dev.hull.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one process started, the next one has: for real, with kill -9 between the two. */
@Tag("machine")
final class RestartTest {
  @TempDir Path folder;

  private Process run(String phase) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            RestartedProcess.class.getName(),
            phase,
            folder.toString(),
            Path.of(System.getenv("HULL_GUEST_IMAGE"), "vmlinux").toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** The lines up to {@code last}; the test's JVM is ended by surefire if they never come. */
  private static List<String> readTo(Process process, String last) throws IOException {
    List<String> lines = new ArrayList<>();
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      lines.add(line);
      if (line.equals(last)) {
        return lines;
      }
    }
    return fail("the process ended early, after: " + lines);
  }

  @Test
  void aDomainIsAdoptedWithItsDisksAndWatchedAfterItsStarterWasKilled() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Process first = run("start");
    readTo(first, "started");
    first.destroyForcibly();
    assertThat(first.waitFor(Duration.ofSeconds(5))).isTrue();

    Process second = run("adopt");
    assertThat(readTo(second, "done"))
        .containsExactly(
            "adopted [hull-111111111111] with units [0, 1, 2]",
            "units [0, 1, 3]",
            "virtiofsd killed: FAILED",
            "left []",
            "done");
    assertThat(second.waitFor(Duration.ofSeconds(10))).isTrue();
    assertThat(second.exitValue()).isZero();
  }
}
