package dev.hull.images.store;

import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Tasks that are of use only together: when one fails, the others are cancelled. */
final class AllOrNone implements AutoCloseable {
  interface Task {
    void run() throws InterruptedException;
  }

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ExecutorCompletionService<@Nullable Void> tasks =
      new ExecutorCompletionService<>(threads);
  private int started;

  void start(Task task) {
    tasks.submit(
        () -> {
          task.run();
          return null;
        });
    started++;
  }

  /**
   * Waits for all of them, or for the first failure, which it throws.
   *
   * @throws ImageException also when this thread is interrupted
   */
  void await() {
    try {
      for (int i = 0; i < started; i++) {
        tasks.take().get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException(Kind.UNAVAILABLE, "it was cancelled", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ImageException failure) {
        throw failure;
      }
      throw new ImageException(Kind.INTERNAL, "a layer fails: " + e.getCause(), e);
    }
  }

  /** Cancels what still runs and waits for its end: nothing is written after this. */
  @Override
  public void close() {
    threads.shutdownNow();
    threads.close();
  }
}
