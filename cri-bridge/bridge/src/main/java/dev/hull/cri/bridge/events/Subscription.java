package dev.hull.cri.bridge.events;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.ContainerEventResponse;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Events for one who wants them, in the order in which they happened. So many wait for a slow one;
 * one more, and it gets an error instead of all of them, for a gap would not be seen.
 */
public final class Subscription implements AutoCloseable {
  static final int MOST_WAITING = 1000;

  private final Runnable unsubscribe;
  private final Queue<ContainerEventResponse> waiting = new ArrayDeque<>();
  private boolean closed;
  private @Nullable Refusal end;

  Subscription(Runnable unsubscribe) {
    this.unsubscribe = unsubscribe;
  }

  synchronized void tell(ContainerEventResponse event) {
    if (waiting.size() >= MOST_WAITING) {
      end(
          Refusal.exhausted(
              "%d events were not taken in time; subscribe again, and list what there is"
                  .formatted(MOST_WAITING)));
    } else if (end == null) {
      waiting.add(event);
      notifyAll();
    }
  }

  synchronized void end(Refusal reason) {
    waiting.clear();
    end = reason;
    notifyAll();
  }

  /** Has {@link #next} look again whether it may answer. */
  public synchronized void wake() {
    notifyAll();
  }

  /**
   * Blocks for the next event until {@code ready} says that it can be sent on; null after {@link
   * #close}. What ends it is thrown.
   */
  public synchronized @Nullable ContainerEventResponse next(BooleanSupplier ready)
      throws InterruptedException {
    while (true) {
      if (closed) {
        return null;
      }
      if (end != null) {
        throw end;
      }
      if (!waiting.isEmpty() && ready.getAsBoolean()) {
        return waiting.remove();
      }
      wait();
    }
  }

  @Override
  public void close() {
    unsubscribe.run();
    synchronized (this) {
      closed = true;
      notifyAll();
    }
  }
}
