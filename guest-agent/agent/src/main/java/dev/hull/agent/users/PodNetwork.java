package dev.hull.agent.users;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.IntConsumer;

/**
 * Where the pod's network is: in the agent's own network namespace, or in one that belongs to the
 * pod's users, whose root has its rights over it then. The agent keeps out of that one: only what
 * has to be made there is.
 */
public final class PodNetwork {
  private final IntConsumer enter;
  private volatile OptionalInt namespace = OptionalInt.empty();

  /**
   * @param enter takes the calling thread into the network namespace of a descriptor
   */
  public PodNetwork(IntConsumer enter) {
    this.enter = enter;
  }

  /** What has to be made where the network is. */
  @FunctionalInterface
  public interface Task<T> {
    T make() throws IOException;
  }

  /** What has to be done there. */
  @FunctionalInterface
  public interface Action {
    void take() throws IOException;
  }

  /** From now on it is there; the descriptor stays open. */
  void isIn(int descriptor) {
    namespace = OptionalInt.of(descriptor);
  }

  /** A descriptor of the namespace; empty if it is the agent's own. */
  public OptionalInt namespace() {
    return namespace;
  }

  /** As {@link #within(Task)}. */
  public void run(Action action) throws IOException {
    var _ =
        within(
            () -> {
              action.take();
              return true;
            });
  }

  /** Runs it there, on a thread of its own where that is another namespace. Blocks. */
  public <T> T within(Task<T> task) throws IOException {
    OptionalInt there = namespace;
    if (there.isEmpty()) {
      return task.make();
    }
    FutureTask<T> visit =
        new FutureTask<>(
            () -> {
              enter.accept(there.getAsInt());
              return task.make();
            });
    Thread.ofPlatform().name("pod-network").start(visit);
    try {
      return visit.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException failure -> throw failure;
        case RuntimeException failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }
}
