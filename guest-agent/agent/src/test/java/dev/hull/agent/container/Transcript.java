package dev.hull.agent.container;

import dev.hull.agent.io.HostLine;
import dev.hull.guest.channel.OutputFrame;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;

/** What a process has said, read as the host does. */
final class Transcript {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final HostLine.Reader reader;
  private final StringBuilder out = new StringBuilder();
  private final StringBuilder err = new StringBuilder();

  Transcript(HostLine.Reader reader) {
    this.reader = reader;
  }

  void toEnd() {
    until(reader::ended);
  }

  void until(String text) {
    until(() -> out.toString().contains(text));
  }

  /** Acknowledges nothing until so many bytes have come. */
  void untilHeld(int bytes) {
    Awaitility.await().atMost(DEADLINE).until(() -> reader.received() >= bytes);
  }

  private void until(java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await()
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              take();
              return condition.call();
            });
  }

  String out() {
    return out.toString();
  }

  String err() {
    return err.toString();
  }

  private void take() {
    Optional<HostLine.Piece> piece = reader.poll();
    while (piece.isPresent()) {
      (piece.get().stream() == OutputFrame.Kind.STDERR ? err : out).append(piece.get().text());
      reader.acknowledge(piece.get().end());
      piece = reader.poll();
    }
  }
}
