package dev.hull.images.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Closes a transfer whose reader has waited too long for its next bytes; the read then fails. A
 * reader that takes its time with what it has is none of its business.
 */
final class StallGuard implements AutoCloseable {
  private final Duration patience;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("hull-image-stalls").factory());

  StallGuard(Duration patience) {
    this.patience = patience;
  }

  InputStream guard(InputStream body) {
    return new Guarded(body);
  }

  @Override
  public void close() {
    watch.shutdownNow();
  }

  private final class Guarded extends FilterInputStream {
    private static final long NOT_READING = Long.MIN_VALUE;

    private final Future<?> checks;
    private volatile long readingSince = NOT_READING;
    private volatile boolean stalled;

    Guarded(InputStream body) {
      super(body);
      long every = Math.max(1, patience.toMillis() / 4);
      checks = watch.scheduleWithFixedDelay(this::check, every, every, TimeUnit.MILLISECONDS);
    }

    private void check() {
      long since = readingSince;
      if (since != NOT_READING && System.nanoTime() - since > patience.toNanos()) {
        stalled = true;
        try {
          in.close();
        } catch (IOException e) {
          // The reader learns of it all the same.
        }
        checks.cancel(false);
      }
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      readingSince = System.nanoTime();
      try {
        int count = in.read(bytes, offset, length);
        if (!stalled) {
          return count;
        }
      } catch (IOException e) {
        if (!stalled) {
          throw e;
        }
      } finally {
        readingSince = NOT_READING;
      }
      throw new IOException("nothing came for " + patience.toMillis() + " ms");
    }

    @Override
    public void close() throws IOException {
      checks.cancel(false);
      in.close();
    }
  }
}
