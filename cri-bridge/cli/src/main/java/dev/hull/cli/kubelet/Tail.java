package dev.hull.cli.kubelet;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The end of a log that grows: keeps so many of the last lines until it is released, and passes on
 * at once whatever comes then. For one thread.
 */
public final class Tail implements CriLogParser.Sink {
  private final Optional<Integer> most;
  private final CriLogParser.Sink sink;
  private final Deque<Runnable> kept = new ArrayDeque<>();
  private boolean released;

  /**
   * Before the log is read.
   *
   * @param most lines of what is there already; empty, or less than 0, for all of them
   */
  public Tail(Optional<Integer> most, CriLogParser.Sink sink) {
    this.most = most.filter(lines -> lines >= 0);
    this.sink = sink;
    this.released = this.most.isEmpty();
  }

  @Override
  public void line(boolean stderr, byte[] line) {
    line("", stderr, line);
  }

  @Override
  public void line(String time, boolean stderr, byte[] line) {
    if (released) {
      sink.line(time, stderr, line);
      return;
    }
    kept.add(() -> sink.line(time, stderr, line));
    if (kept.size() > most.orElseThrow()) {
      kept.removeFirst();
    }
  }

  /** What was there has been read. Idempotent. */
  public void release() {
    released = true;
    kept.forEach(Runnable::run);
    kept.clear();
  }
}
