package dev.hull.vm.machine;

import dev.hull.vm.MachineEvent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells listeners, one event after another, on a thread of its own. */
final class Events implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Events.class);

  private final List<Consumer<MachineEvent>> listeners = new CopyOnWriteArrayList<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("machine-events").factory());

  void add(Consumer<MachineEvent> listener) {
    listeners.add(listener);
  }

  void tell(MachineEvent event) {
    try {
      thread.execute(() -> listeners.forEach(listener -> tell(listener, event)));
    } catch (RejectedExecutionException closed) {
      log.debug("nobody is left to be told event={}", event);
    }
  }

  /** A listener that fails must not keep the next events from the others. */
  private static void tell(Consumer<MachineEvent> listener, MachineEvent event) {
    try {
      listener.accept(event);
    } catch (RuntimeException e) {
      log.error("a listener failed event={}", event, e);
    }
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
