package dev.hull.cli.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogFollowerTest {
  @TempDir private Path folder;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  @Test
  void closingPassesOnEverythingThatIsInTheFileExactlyOnce() throws IOException {
    Path log = folder.resolve("0.log");
    write(log, "one");
    LogFollower follower = follow(log);
    await().until(() -> lines.contains("one"));
    write(log, "two");
    follower.close();
    assertThat(lines).containsExactly("one", "two");
  }

  @Test
  void aFileThatComesLateIsRead() throws IOException {
    Path log = folder.resolve("0.log");
    try (LogFollower follower = follow(log)) {
      assertThat(follower).isNotNull();
      write(log, "late");
      await().until(() -> lines.contains("late"));
    }
  }

  @Test
  void aFileThatNeverComesIsNoError() {
    follow(folder.resolve("none")).close();
    assertThat(lines).isEmpty();
  }

  @Test
  void aFileThatIsMovedAwayIsReadToItsEndAndTheNewOneFromItsBeginning() throws IOException {
    Path log = folder.resolve("0.log");
    write(log, "one");
    try (LogFollower follower = follow(log)) {
      assertThat(follower).isNotNull();
      await().until(() -> lines.contains("one"));
      write(log, "two");
      Files.move(log, folder.resolve("0.log.1"));
      write(log, "three");
      await().until(() -> lines.contains("three"));
    }
    assertThat(lines).containsExactly("one", "two", "three");
  }

  private LogFollower follow(Path log) {
    return new LogFollower(
        log, (stderr, line) -> lines.add(new String(line, StandardCharsets.UTF_8)));
  }

  private static void write(Path log, String line) throws IOException {
    Files.writeString(
        log,
        "2026-01-01T00:00:00Z stdout F " + line + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
