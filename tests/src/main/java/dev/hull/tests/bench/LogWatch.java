package dev.hull.tests.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
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
import java.util.stream.Stream;

/** When a log, which need not be there yet, first had what is waited for. */
final class LogWatch implements AutoCloseable {
  private static final int LAST_LINE_BYTES = 256;

  private final Path file;
  private final Content wanted;
  private final WatchService watcher;
  private final CompletableFuture<Duration> came = new CompletableFuture<>();

  /** What is waited for in a file that is there. */
  @FunctionalInterface
  interface Content {
    /** Any byte at all. */
    Content ANY = file -> Files.size(file) > 0;

    /** So many lines with this text, or more. */
    static Content lines(String text, long count) {
      return file -> {
        try (Stream<String> lines = Files.lines(file)) {
          return lines.filter(line -> line.contains(text)).count() >= count;
        }
      };
    }

    /** Its last line has this text; the file may be long. */
    static Content lastLine(String text) {
      return file -> {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
          ByteBuffer end = ByteBuffer.allocate(LAST_LINE_BYTES);
          channel.position(Math.max(0, channel.size() - LAST_LINE_BYTES));
          while (end.hasRemaining() && channel.read(end) >= 0) {}
          String lines = new String(end.array(), 0, end.position(), StandardCharsets.ISO_8859_1);
          return lines.endsWith(text + "\n");
        }
      };
    }

    boolean isIn(Path file) throws IOException;
  }

  private LogWatch(Path file, Content wanted, WatchService watcher) {
    this.file = file;
    this.wanted = wanted;
    this.watcher = watcher;
  }

  /**
   * Watches from now on.
   *
   * @param file its folder exists
   * @param watch what tells the time
   */
  static LogWatch of(Path file, Content wanted, Stopwatch watch) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IllegalArgumentException(file + " is in no folder");
    }
    LogWatch output = new LogWatch(file, wanted, file.getFileSystem().newWatchService());
    WatchKey key =
        folder.register(
            output.watcher,
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_MODIFY);
    Thread.ofPlatform().daemon().name("log-watch").start(() -> output.watch(key, watch));
    return output;
  }

  private void watch(WatchKey key, Stopwatch watch) {
    try {
      while (!Files.exists(file) || !wanted.isIn(file)) {
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
   * What the stopwatch showed when it came.
   *
   * @throws IOException if it does not come in time
   */
  Duration await(Duration deadline) throws IOException {
    try {
      return came.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "what is waited for is not in %s after %d s".formatted(file, deadline.toSeconds()), e);
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
