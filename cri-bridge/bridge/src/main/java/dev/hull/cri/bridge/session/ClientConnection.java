package dev.hull.cri.bridge.session;

/** The connection that a session's streams are in. */
public interface ClientConnection {
  /**
   * Runs the task on a thread of its own once the connection has ended, for whatever reason; at
   * once if it has.
   */
  void onEnd(Runnable task);
}
