package dev.hull.images.store;

import dev.hull.images.Image;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.Images.Credentials;
import dev.hull.images.Images.Progress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who asks for an image that is being pulled waits for that pull. A pull runs on a thread of its
 * own, so that one caller may give up without harm to the others; when the last gives up, it is
 * cancelled.
 */
final class PullsUnderWay implements AutoCloseable {
  /** Two callers with different rights are not the same: one may be refused. */
  record Key(String reference, Credentials credentials) {}

  private static final class Pull {
    final CompletableFuture<Image> result = new CompletableFuture<>();
    final SharedProgress progress = new SharedProgress();
    int callers;
    @Nullable Future<?> work;
  }

  private final Map<Key, Pull> pulls = new HashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** Blocks until the pull is over, this one or the one that is under way. */
  Image join(Key key, Progress progress, Function<Progress, Image> work) {
    Pull pull = enter(key, progress, work);
    try {
      return pull.result.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException(Kind.UNAVAILABLE, "it was cancelled", e);
    } catch (ExecutionException e) {
      throw again(e.getCause());
    } finally {
      leave(key, pull, progress);
    }
  }

  /** Several threads throw it: each gets an exception of its own. */
  private static RuntimeException again(@Nullable Throwable cause) {
    return cause instanceof ImageException failure
        ? new ImageException(failure.kind(), String.valueOf(failure.getMessage()), failure)
        : new ImageException(
            Kind.INTERNAL,
            "a pull fails: " + cause,
            cause == null ? new IllegalStateException() : cause);
  }

  private Pull enter(Key key, Progress progress, Function<Progress, Image> work) {
    synchronized (pulls) {
      Pull known = pulls.get(key);
      Pull pull = known == null ? new Pull() : known;
      pull.callers++;
      pull.progress.add(progress);
      if (known == null) {
        pull.work = threads.submit(() -> run(key, pull, work));
        pulls.put(key, pull);
      }
      return pull;
    }
  }

  private void run(Key key, Pull pull, Function<Progress, Image> work) {
    try {
      Image image = work.apply(pull.progress);
      forget(key, pull);
      pull.result.complete(image);
    } catch (RuntimeException | Error e) {
      forget(key, pull);
      pull.result.completeExceptionally(e);
    }
  }

  /** Before the result is there: who asks after it begins anew. */
  private void forget(Key key, Pull pull) {
    synchronized (pulls) {
      pulls.remove(key, pull);
    }
  }

  private void leave(Key key, Pull pull, Progress progress) {
    pull.progress.remove(progress);
    synchronized (pulls) {
      pull.callers--;
      if (pull.callers == 0 && pulls.remove(key, pull)) {
        Future<?> work = pull.work;
        if (work != null) {
          work.cancel(true);
        }
      }
    }
  }

  /** Cancels what is under way and waits for its end. */
  @Override
  public void close() {
    threads.shutdownNow();
    threads.close();
  }
}
