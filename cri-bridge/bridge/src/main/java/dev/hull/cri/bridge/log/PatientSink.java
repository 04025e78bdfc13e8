package dev.hull.cri.bridge.log;

import dev.hull.vm.GuestContainer.Output.Chunk;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log that may be unwritable for a while, as on a full disk. For the length of its patience it
 * throws, so that the output waits where it is and nothing is lost. After that what cannot be
 * written is dropped, for a container must not stand still for ever because its log cannot grow;
 * each chunk is still tried, so logging goes on as soon as there is room.
 *
 * <pre>
 *   written ──fails──▶ waiting ──patience is over──▶ dropping
 *      ▲                  │                             │
 *      └──────────────────┴──────────succeeds───────────┘
 * </pre>
 *
 * Each change is said once in the daemon's log, the last with the number of bytes lost.
 */
final class PatientSink implements LogSink {
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(PatientSink.class);

  private final LogSink sink;
  private final String containerId;
  private final Duration patience;
  private final InstantSource clock;
  private @Nullable Instant failsSince;
  private boolean dropping;
  private long lostBytes;

  PatientSink(LogSink sink, String containerId, Duration patience, InstantSource clock) {
    this.sink = sink;
    this.containerId = containerId;
    this.patience = patience;
    this.clock = clock;
  }

  @Override
  public long offset() {
    return sink.offset();
  }

  @Override
  public synchronized void append(Chunk chunk) throws IOException {
    try {
      if (dropping) {
        // What comes now does not continue the line whose end was lost.
        sink.finish();
      }
      sink.append(chunk);
    } catch (IOException e) {
      waitOrDrop(e);
      lostBytes += Math.max(0, chunk.offset() + chunk.data().remaining() - sink.offset());
      sink.skip(chunk);
      return;
    }
    succeeded();
  }

  @Override
  public synchronized void finish() throws IOException {
    try {
      sink.finish();
    } catch (IOException e) {
      waitOrDrop(e);
      return;
    }
    succeeded();
  }

  /** Returns if it is time to drop. */
  private void waitOrDrop(IOException e) throws IOException {
    Instant now = clock.instant();
    if (failsSince == null) {
      failsSince = now;
      LOG.atError()
          .addKeyValue("container_id", containerId)
          .log(
              "cannot write the log: {}; output waits in the machine for {} s and is lost after"
                  + " that; make room",
              e.getMessage(),
              patience.toSeconds());
    }
    if (now.isBefore(failsSince.plus(patience))) {
      throw e;
    }
    if (!dropping) {
      dropping = true;
      LOG.atError()
          .addKeyValue("container_id", containerId)
          .log("output is being lost: the log cannot be written: {}", e.getMessage());
    }
  }

  private void succeeded() {
    if (failsSince != null) {
      LOG.atWarn()
          .addKeyValue("container_id", containerId)
          .addKeyValue("lost_bytes", lostBytes)
          .log("the log can be written again");
      failsSince = null;
      dropping = false;
      lostBytes = 0;
    }
  }

  @Override
  public void skip(Chunk chunk) throws IOException {
    sink.skip(chunk);
  }

  @Override
  public void reopen() throws IOException {
    sink.reopen();
  }

  @Override
  public void close() {
    sink.close();
  }
}
