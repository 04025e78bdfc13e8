package dev.hull.cri.bridge.log;

import dev.hull.vm.GuestContainer;
import dev.hull.vm.GuestContainer.Output;
import dev.hull.vm.MachineException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries one container's output from its machine into its log, on a virtual thread of its own. A
 * lost connection makes it wait and go on where it stopped; meanwhile the agent holds the output
 * back, and at its bound the writer, so nothing is lost. So does a full disk, but not for ever: see
 * {@link PatientSink}.
 */
public final class LogPump implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogPump.class);
  private static final Duration RETRY = Duration.ofMillis(500);

  private final String containerId;
  private final GuestContainer guest;
  private final BooleanSupplier machineRuns;
  private final LogSink sink;
  private final CountDownLatch drained = new CountDownLatch(1);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Object current = new Object();
  private final Set<OutputTap> taps = ConcurrentHashMap.newKeySet();
  private volatile boolean started;
  private @Nullable Output output;

  private LogPump(
      String containerId, GuestContainer guest, BooleanSupplier machineRuns, LogSink sink) {
    this.containerId = containerId;
    this.guest = guest;
    this.machineRuns = machineRuns;
    this.sink = sink;
  }

  /**
   * Opens the log; {@link #start} begins. Without a path, output is read and dropped.
   *
   * @param record the write-ahead record's file
   * @throws IOException if the log cannot be opened; nothing is left open
   */
  public static LogPump open(
      String containerId,
      GuestContainer guest,
      BooleanSupplier machineRuns,
      Optional<LogPath> path,
      Path record,
      Clock clock)
      throws IOException {
    LogSink sink =
        path.isPresent() ? CriLog.open(path.get(), record, clock) : new LogSink.Discard(record);
    return new LogPump(
        containerId,
        guest,
        machineRuns,
        new PatientSink(sink, containerId, PatientSink.PATIENCE, clock));
  }

  /** Begins to carry. Called once. */
  public void start() {
    started = true;
    Thread.ofVirtual().name("log-" + containerId).start(this::run);
  }

  /**
   * A copy of what comes from now on. It ends with the output, or with this pump; whoever takes it
   * closes it.
   */
  public OutputTap tap() {
    OutputTap tap =
        new OutputTap(() -> guest.state() instanceof GuestContainer.State.Running, taps::remove);
    taps.add(tap);
    if (isDrained() || closing.getCount() == 0) {
      tap.end();
    }
    return tap;
  }

  /** Goes on in a new file at the log's path; it exists when this returns. */
  public void reopen() throws IOException {
    sink.reopen();
  }

  /** True when all output there will ever be is in the log. */
  public boolean isDrained() {
    return drained.getCount() == 0;
  }

  /** Waits for {@link #isDrained}; false if that took longer than {@code timeout}. */
  public boolean awaitDrained(Duration timeout) {
    try {
      return drained.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void run() {
    try (sink) {
      while (closing.getCount() > 0) {
        try {
          if (carry()) {
            return;
          }
        } catch (MachineException e) {
          if (!machineRuns.getAsBoolean()) {
            sink.finish();
            return;
          }
          LOG.atDebug().addKeyValue("container_id", containerId).log(e.getMessage());
        } catch (IOException e) {
          // The sink has said so, once.
          LOG.atDebug().addKeyValue("container_id", containerId).log(e.getMessage());
        }
        closing.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      LOG.atError().addKeyValue("container_id", containerId).setCause(e).log("the log has ended");
    } finally {
      drained.countDown();
      taps.forEach(OutputTap::end);
    }
  }

  /** True after the end of both streams. */
  private boolean carry() throws IOException, InterruptedException {
    try (Output from = guest.output(sink.offset())) {
      synchronized (current) {
        if (closing.getCount() == 0) {
          return true;
        }
        output = from;
      }
      for (Output.Chunk chunk = from.next(); chunk != null; chunk = from.next()) {
        sink.append(chunk);
        from.acknowledge(sink.offset());
        copy(chunk);
      }
      if (closing.getCount() > 0) {
        sink.finish();
      }
      return true;
    } finally {
      synchronized (current) {
        output = null;
      }
    }
  }

  private void copy(Output.Chunk chunk) throws InterruptedException {
    for (OutputTap tap : taps) {
      tap.offer(new OutputTap.Piece(chunk.stderr(), chunk.data().duplicate()));
    }
  }

  /** Stops carrying; what has not been acknowledged stays in the machine for a later pump. */
  @Override
  public void close() {
    closing.countDown();
    taps.forEach(OutputTap::end);
    if (!started) {
      sink.close();
      drained.countDown();
      return;
    }
    synchronized (current) {
      if (output != null) {
        output.close();
      }
    }
    if (!awaitDrained(Duration.ofSeconds(2))) {
      LOG.atWarn()
          .addKeyValue("container_id", containerId)
          .log("the log did not end within 2 s of being closed");
    }
  }
}
