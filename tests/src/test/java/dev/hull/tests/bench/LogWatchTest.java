package dev.hull.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogWatchTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir private Path folder;

  @Test
  void aByteThatComesLaterIsTimed() throws IOException {
    Stopwatch watch = new Stopwatch();
    Path log = folder.resolve("work.log");
    try (LogWatch output = LogWatch.of(log, LogWatch.Content.ANY, watch)) {
      Files.createFile(log);
      Files.writeString(folder.resolve("other.log"), "x");
      Duration before = watch.elapsed();
      Files.writeString(log, "x");
      assertThat(output.await(LONG)).isBetween(before, watch.elapsed());
    }
  }

  @Test
  void aByteThatIsThereAlreadyCounts() throws IOException {
    Path log = Files.writeString(folder.resolve("work.log"), "x");
    try (LogWatch output = LogWatch.of(log, LogWatch.Content.ANY, new Stopwatch())) {
      assertThat(output.await(LONG)).isLessThan(LONG);
    }
  }

  @Test
  void anEmptyFileIsNoOutput() throws IOException {
    Path log = Files.createFile(folder.resolve("work.log"));
    try (LogWatch output = LogWatch.of(log, LogWatch.Content.ANY, new Stopwatch())) {
      assertThatThrownBy(() -> output.await(Duration.ofMillis(50)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("what is waited for is not in " + log);
    }
  }

  @Test
  void linesAreCounted() throws IOException {
    Path log = folder.resolve("daemon.log");
    LogWatch.Content twice = LogWatch.Content.lines("stands by", 2);
    Files.writeString(log, "one stands by\nother\n");
    assertThat(twice.isIn(log)).isFalse();
    Files.writeString(log, "one stands by\nother\none stands by\n");
    assertThat(twice.isIn(log)).isTrue();
  }
}
