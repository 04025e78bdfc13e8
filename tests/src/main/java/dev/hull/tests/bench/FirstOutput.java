package dev.hull.tests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** When the first byte came into a file that need not be there yet. */
final class FirstOutput implements AutoCloseable {
  private final Path file;
  private final WatchService watcher;
  private final CompletableFuture<Duration> came = new CompletableFuture<>();

  private FirstOutput(Path file, WatchService watcher) {
    this.file = file;
    this.watcher = watcher;
  }

  /**
   * Watches from now on.
   *
   * @param file its folder exists
   * @param watch what tells the time
   */
  static FirstOutput of(Path file, Stopwatch watch) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IllegalArgumentException(file + " is in no folder");
    }
    FirstOutput output = new FirstOutput(file, file.getFileSystem().newWatchService());
    WatchKey key =
        folder.register(
            output.watcher,
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_MODIFY);
    Thread.ofPlatform().daemon().name("first-output").start(() -> output.watch(key, watch));
    return output;
  }

  private void watch(WatchKey key, Stopwatch watch) {
    try {
      while (!Files.exists(file) || Files.size(file) == 0) {
        watcher.take().pollEvents();
        key.reset();
      }
      came.complete(watch.elapsed());
    } catch (IOException | RuntimeException e) {
      came.completeExceptionally(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      came.completeExceptionally(e);
    }
  }

  /**
   * What the stopwatch showed when the byte came.
   *
   * @throws IOException if none comes in time
   */
  Duration await(Duration deadline) throws IOException {
    try {
      return came.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "there is nothing in %s after %d s".formatted(file, deadline.toSeconds()), e);
    } catch (ExecutionException e) {
      throw new IOException("cannot watch " + file + ": " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + file, e);
    }
  }

  /** Ends the watch. */
  @Override
  public void close() throws IOException {
    watcher.close();
  }
}
