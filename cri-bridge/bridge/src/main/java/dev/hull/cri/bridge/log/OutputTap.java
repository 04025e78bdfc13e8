package dev.hull.cri.bridge.log;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a container's output from some moment on, for whoever is attached. It holds a small
 * part only: while that is full and the container runs, the output behind it waits, and at last the
 * container. What comes after the container's exit is at most what the agent had kept, and waits
 * for nobody, for the log must become whole.
 */
public final class OutputTap implements AutoCloseable {
  static final int BOUND = 256 * 1024;
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  /** Bytes of one of the streams. */
  public record Piece(boolean stderr, ByteBuffer data) {}

  private final Deque<Piece> pieces = new ArrayDeque<>();
  private final BooleanSupplier containerRuns;
  private final Consumer<OutputTap> onClose;
  private int size;
  private boolean ended;
  private boolean closed;

  OutputTap(BooleanSupplier containerRuns, Consumer<OutputTap> onClose) {
    this.containerRuns = containerRuns;
    this.onClose = onClose;
  }

  /** Blocks for the next piece; null after the end of the output, or when closed. */
  public synchronized @Nullable Piece next() {
    try {
      while (pieces.isEmpty() && !ended && !closed) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
    Piece piece = closed ? null : pieces.poll();
    if (piece != null) {
      size -= piece.data().remaining();
      notifyAll();
    }
    return piece;
  }

  /** Waits for room while the container runs. */
  synchronized void offer(Piece piece) throws InterruptedException {
    while (size >= BOUND && !closed && !ended && containerRuns.getAsBoolean()) {
      // Its exit is not told here, hence the look from time to time.
      wait(LOOK_AGAIN.toMillis());
    }
    if (!closed && !ended) {
      pieces.add(piece);
      size += piece.data().remaining();
      notifyAll();
    }
  }

  /** Nothing more comes. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** Wants no more; what waits is dropped. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      pieces.clear();
      notifyAll();
    }
    onClose.accept(this);
  }
}
