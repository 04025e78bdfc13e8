package dev.hull.cli.kubelet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Passes a container's log on while it grows, on a virtual thread of its own. A file that is moved
 * away and made anew (the daemon's ReopenContainerLog) is read to its end first. Closing waits
 * until everything that is in the file has been passed on.
 */
public final class LogFollower implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(30);

  private final Path file;
  private final CriLogParser parser;
  private final Runnable caughtUp;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread;

  /** Begins at once; the file need not be there yet. */
  public LogFollower(Path file, CriLogParser.Sink sink) {
    this(file, sink, () -> {});
  }

  /**
   * The same.
   *
   * @param caughtUp is called when what was in the file has been passed on: by the thread that
   *     passes it on, perhaps again later, at the latest at the end
   */
  public LogFollower(Path file, CriLogParser.Sink sink, Runnable caughtUp) {
    this.file = file;
    this.parser = new CriLogParser(sink);
    this.caughtUp = caughtUp;
    this.thread = Thread.ofVirtual().name("log " + file).start(this::follow);
  }

  /** Passes on what is in the file now, and returns. A file that is not there counts as empty. */
  public static void printOnce(Path file, CriLogParser.Sink sink) throws IOException {
    CriLogParser parser = new CriLogParser(sink);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      drain(channel, parser);
    } catch (NoSuchFileException e) {
      return;
    }
    parser.finish();
  }

  @Override
  public void close() {
    ended.countDown();
    try {
      thread.join(CLOSE_DEADLINE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow() {
    try {
      boolean more = true;
      while (more) {
        Opened opened = awaitFile();
        more = opened != null && readUntilMoved(opened);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the log " + file, e);
    }
    parser.finish();
    caughtUp.run();
  }

  /** A file, and the key that tells it from another at the same place. */
  private record Opened(FileChannel channel, Object key) {}

  private @Nullable Opened awaitFile() throws IOException, InterruptedException {
    while (true) {
      boolean last = ended.getCount() == 0;
      Object before = key();
      if (before != null) {
        FileChannel channel = open();
        if (channel != null) {
          if (before.equals(key())) {
            return new Opened(channel, before);
          }
          // Moved away in between: which of the two was opened cannot be known, so once more.
          channel.close();
          continue;
        }
      }
      if (last) {
        return null;
      }
      ended.await(POLL.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** True if the file was moved away: there will be another to be read. */
  private boolean readUntilMoved(Opened opened) throws IOException, InterruptedException {
    try (FileChannel channel = opened.channel()) {
      while (true) {
        // Both are looked at before the file is read, so that nothing written before is missed.
        boolean last = ended.getCount() == 0;
        Object now = key();
        drain(channel, parser);
        if (now != null && !now.equals(opened.key())) {
          return true;
        }
        if (last) {
          return false;
        }
        caughtUp.run();
        ended.await(POLL.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private @Nullable FileChannel open() throws IOException {
    try {
      return FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private @Nullable Object key() throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private static void drain(FileChannel channel, CriLogParser parser) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    while (channel.read(buffer) > 0) {
      parser.feed(buffer.array(), buffer.position());
      buffer.clear();
    }
  }
}
