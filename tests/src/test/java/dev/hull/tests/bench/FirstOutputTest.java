package dev.hull.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FirstOutputTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir private Path folder;

  @Test
  void aByteThatComesLaterIsTimed() throws IOException {
    Stopwatch watch = new Stopwatch();
    Path log = folder.resolve("work.log");
    try (FirstOutput output = FirstOutput.of(log, watch)) {
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
    try (FirstOutput output = FirstOutput.of(log, new Stopwatch())) {
      assertThat(output.await(LONG)).isLessThan(LONG);
    }
  }

  @Test
  void anEmptyFileIsNoOutput() throws IOException {
    Path log = Files.createFile(folder.resolve("work.log"));
    try (FirstOutput output = FirstOutput.of(log, new Stopwatch())) {
      assertThatThrownBy(() -> output.await(Duration.ofMillis(50)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("there is nothing in " + log);
    }
  }
}
