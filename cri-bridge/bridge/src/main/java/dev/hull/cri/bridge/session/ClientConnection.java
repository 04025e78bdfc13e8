package dev.hull.cri.bridge.session;

/** The connection that a session's streams are in. */
public interface ClientConnection {
  /**
   * Runs the task on a thread of its own once the connection has ended, for whatever reason; at
   * once if it has. Closing what is returned takes the task back, if it has not begun.
   */
  Registration onEnd(Runnable task);

  /** A task that waits for the end. */
  @FunctionalInterface
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
