package dev.hull.cri.bridge.daemon;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineSize;
import dev.hull.vm.Machines;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a daemon that is to last does for pods to come, beside serving those that have come.
 *
 * @param standby what is got ready; empty for nothing
 */
record Preparation(Machines machines, Optional<Standby> standby) {
  private static final Logger LOG = LoggerFactory.getLogger(Preparation.class);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(10);

  /**
   * What most machines are like, and how many of them stand by.
   *
   * @param spares 0 for none
   */
  record Standby(MachineSize size, long scratchBytes, int spares) {}

  /** Returns at once. Closing the result gives up what is not done, and leaves nothing of it. */
  AutoCloseable begin() {
    if (standby.isEmpty()) {
      return () -> {};
    }
    Thread thread = Thread.ofVirtual().name("preparation").start(() -> prepare(standby.get()));
    return () -> {
      thread.interrupt();
      thread.join(ENDS_WITHIN);
    };
  }

  private void prepare(Standby wanted) {
    try {
      var _ = machines.prepare(wanted.size());
      if (wanted.spares() > 0) {
        // Without a template now, there may be one later.
        machines.keepSpares(wanted.spares(), wanted.size(), wanted.scratchBytes());
      }
    } catch (MachineException | IllegalStateException e) {
      // The daemon may be closing.
      LOG.atInfo().setCause(e).log("preparing for machines was given up");
    }
  }
}
