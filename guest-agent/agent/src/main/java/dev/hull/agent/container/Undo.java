package dev.hull.agent.container;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What has to be undone, the last first. Every step is tried, whatever becomes of the others. */
final class Undo implements AutoCloseable {
  /** One step. */
  @FunctionalInterface
  interface Step {
    void run() throws Exception;
  }

  private final ArrayDeque<Step> steps = new ArrayDeque<>();

  /** To be called right after what it undoes. */
  void push(Step step) {
    steps.push(step);
  }

  /** Undoes what has not been undone yet; a step that fails is tried again by the next call. */
  @Override
  public void close() {
    @Nullable RuntimeException failure = null;
    ArrayDeque<Step> failed = new ArrayDeque<>();
    while (!steps.isEmpty()) {
      Step step = steps.pop();
      try {
        step.run();
      } catch (Exception e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        failed.add(step);
        if (failure == null) {
          failure = e instanceof RuntimeException known ? known : new IllegalStateException(e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    steps.addAll(failed);
    if (failure != null) {
      throw failure;
    }
  }
}
