package dev.hull.cli.life;

import dev.hull.cli.cri.CriException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * What has to be undone, last first. A step that fails is reported, and those before it stay as
 * they are: what is still in use must not be taken away from below. Closing again tries the rest
 * again.
 */
final class Undo implements AutoCloseable {
  private final Deque<Entry> entries = new ArrayDeque<>();
  private final Consumer<String> complaints;

  Undo(Consumer<String> complaints) {
    this.complaints = complaints;
  }

  @FunctionalInterface
  interface Step {
    void run() throws IOException;
  }

  private record Entry(String what, Step step) {}

  /** {@code what} goes into the complaint: {@code cannot WHAT: reason}. */
  void add(String what, Step step) {
    entries.push(new Entry(what, step));
  }

  /** Forgets everything: somebody else takes over. */
  void release() {
    entries.clear();
  }

  boolean isDone() {
    return entries.isEmpty();
  }

  @Override
  public void close() {
    while (!entries.isEmpty()) {
      Entry entry = entries.peek();
      try {
        entry.step().run();
      } catch (IOException | CriException e) {
        complaints.accept("cannot " + entry.what() + ": " + e.getMessage());
        return;
      }
      entries.pop();
    }
  }
}
