package dev.hull.agent.machine;

import java.time.Duration;

/** What runs in the machine, as far as its end is concerned. */
@FunctionalInterface
public interface Workload {
  /**
   * Ends all containers: SIGTERM, then SIGKILL to what is left after {@code grace}; returns when
   * none is left and their file systems are unmounted. Does nothing when called again.
   */
  void stop(Duration grace);
}
