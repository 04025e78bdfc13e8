package dev.hull.vm.machine;

import dev.hull.vm.Machine.TimelineStep;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The steps of one start, some taken at the same time as others, each with a line in a timeline.
 */
final class Steps {
  private final Timeline timeline;
  private final Executor threads;

  Steps(Timeline timeline, Executor threads) {
    this.timeline = timeline;
    this.threads = threads;
  }

  Timeline timeline() {
    return timeline;
  }

  List<TimelineStep> taken() {
    return timeline.steps();
  }

  void take(String name, Runnable work) {
    timeline.step(name, work);
  }

  CompletableFuture<?> begin(String name, Runnable work) {
    return begin(
        () -> {
          timeline.step(name, work);
          return true;
        });
  }

  <T> CompletableFuture<T> begin(String name, Supplier<T> work) {
    return begin(() -> timeline.step(name, work));
  }

  /** Several steps in a row, at the same time as others. */
  <T> CompletableFuture<T> begin(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, threads);
  }

  /** Throws what the step threw. */
  static <T> T await(CompletableFuture<T> step) {
    try {
      return step.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case MachineException failure -> throw failure;
        case Error error -> throw error;
        case null, default ->
            throw new MachineException(Kind.INTERNAL, "a step of a start failed: " + e, e);
      }
    }
  }

  /** What is to be undone must not be still growing: waits for all, whatever happens to one. */
  static void awaitAll(CompletableFuture<?>... steps) {
    await(CompletableFuture.allOf(steps));
  }
}
