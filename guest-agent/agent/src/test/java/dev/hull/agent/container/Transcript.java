package dev.hull.agent.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.agent.process.OutputBuffer;
import dev.hull.agent.process.RunningProcess;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;

/** What a process has said, read as the host does. */
final class Transcript {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final OutputBuffer output;
  private final StringBuilder out = new StringBuilder();
  private final StringBuilder err = new StringBuilder();
  private long position;

  Transcript(RunningProcess process) {
    this.output = process.output();
  }

  /** Everything from its beginning to its end; standard output only. */
  static String of(RunningProcess process) {
    Transcript transcript = new Transcript(process);
    transcript.toEnd();
    assertThat(transcript.err.toString()).as("standard error").isEmpty();
    return transcript.out.toString();
  }

  void toEnd() {
    Awaitility.await()
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              take();
              return output.ended(position);
            });
  }

  void until(String text) {
    Awaitility.await()
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              take();
              return out.toString().contains(text);
            });
  }

  String out() {
    return out.toString();
  }

  String err() {
    return err.toString();
  }

  private void take() {
    Optional<OutputBuffer.Piece> piece = output.read(position);
    while (piece.isPresent()) {
      String text = piece.get().data().toStringUtf8();
      switch (piece.get().stream()) {
        case STDOUT -> out.append(text);
        case STDERR -> err.append(text);
      }
      position = piece.get().offset() + piece.get().data().size();
      output.acknowledge(position);
      piece = output.read(position);
    }
  }
}
