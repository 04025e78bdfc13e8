package dev.hull.agent.io;

import dev.hull.agent.linux.Transfers;
import dev.hull.guest.channel.OutputFrame;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The output of one process that the host has not acknowledged yet, bounded. Both streams share one
 * numbering of bytes, in the order in which they were read. It belongs to the loop's thread; what
 * others may call says so.
 */
public final class ProcessOutput {
  private static final long NANOS = 1_000_000_000;

  private final OutputLine line;
  private final InstantSource clock;
  private @Nullable OutputRing ring;
  private @Nullable OutputFlow reader;
  private int openStreams;

  /** What comes is read, so that whoever says it does not wait for ever, and dropped. */
  private boolean forgotten;

  /** Everything below has been acknowledged. */
  private long begin;

  /** The offset of the next byte to be read from the process. */
  private long end;

  /**
   * Creates an empty one, on any thread.
   *
   * @param streams how many streams have to end before the output ends
   */
  public ProcessOutput(OutputLine line, InstantSource clock, int streams) {
    this.line = line;
    this.clock = clock;
    this.openStreams = streams;
  }

  /** Nobody may read it any more; who reads it is told. On any thread. */
  public void forget() {
    line.forget(this);
  }

  /** As {@link #forget}, on the loop's thread. */
  void drop() {
    forgotten = true;
    OutputFlow told = reader;
    if (told != null) {
      line.remove(told);
      told.forget();
    }
    settle();
  }

  private void discard() {
    OutputRing emptied = ring;
    if (emptied != null && !line.isSending(this)) {
      emptied.restart(0, end);
      line.rings().give(emptied);
      ring = null;
    }
  }

  /** Whether nothing can be read before the host acknowledges something. */
  boolean full() {
    // Of a forgotten one only the frame that has been begun is still in the way.
    return ring != null && (forgotten ? line.isSending(this) : ring.full());
  }

  /** Reads what one stream has; not when full. As {@link Transfers#read}. */
  int take(int fd, OutputFrame.Kind kind) {
    if (ring == null) {
      ring = line.rings().take();
      ring.restart(reader == null ? 0 : reader.number(), begin);
    }
    int count = ring.fill(fd, kind, end, unixNanos());
    if (count > 0) {
      end += count;
      line.pump();
    }
    if (forgotten) {
      discard();
    }
    return count;
  }

  private long unixNanos() {
    Instant now = clock.instant();
    return now.getEpochSecond() * NANOS + now.getNano();
  }

  void streamEnded() {
    openStreams--;
    settle();
  }

  /** Whether there is something to send that has not been. */
  boolean waits() {
    return ring != null && !ring.sentAll();
  }

  boolean inFrame() {
    return ring != null && ring.inFrame();
  }

  /** As {@link OutputRing#send}. */
  boolean send(int port, boolean oneFrame) {
    return ring == null || ring.send(port, oneFrame);
  }

  /**
   * Makes it the only reader; whoever was it before is told. False if it wants what there is not,
   * which it is told.
   */
  boolean readBy(OutputFlow next) {
    if (forgotten) {
      next.forget();
      return false;
    }
    if (next.from() < begin) {
      next.refuse(
          "byte %d is wanted, but everything below %d was acknowledged and is gone"
              .formatted(next.from(), begin));
      return false;
    }
    if (next.from() > end) {
      next.refuse("byte %d was never sent; the output ends at %d".formatted(next.from(), end));
      return false;
    }
    OutputFlow before = reader;
    if (before != null) {
      line.remove(before);
      before.replaced();
    }
    reader = next;
    begin = next.from();
    if (ring != null) {
      ring.restart(next.number(), begin);
    }
    settle();
    return true;
  }

  /** Does nothing if another has become the reader. */
  void left(OutputFlow gone) {
    if (gone.equals(reader)) {
      reader = null;
    }
  }

  /** Lets go of everything below {@code offset} that has been sent. */
  void acknowledge(long offset) {
    begin = Math.clamp(offset, begin, end);
    if (ring != null) {
      ring.acknowledge(offset);
    }
    settle();
  }

  /** Does what is due when the process says no more, once all is sent and once it is kept safe. */
  void settle() {
    if (forgotten) {
      discard();
      return;
    }
    if (openStreams > 0 || waits()) {
      return;
    }
    OutputFlow told = reader;
    if (told != null) {
      told.end(end);
    }
    if (ring != null && ring.empty()) {
      line.rings().give(ring);
      ring = null;
    }
    if (told != null && begin == end) {
      line.remove(told);
    }
  }
}
