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
 * @param usual what most machines are like; empty for nothing
 */
record Preparation(Machines machines, Optional<MachineSize> usual) {
  private static final Logger LOG = LoggerFactory.getLogger(Preparation.class);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(10);

  /** Returns at once. Closing the result gives up what is not done, and leaves nothing of it. */
  AutoCloseable begin() {
    if (usual.isEmpty()) {
      return () -> {};
    }
    Thread thread = Thread.ofVirtual().name("preparation").start(() -> prepare(usual.get()));
    return () -> {
      thread.interrupt();
      thread.join(ENDS_WITHIN);
    };
  }

  private void prepare(MachineSize size) {
    try {
      machines.prepare(size);
    } catch (MachineException | IllegalStateException e) {
      // The daemon may be closing.
      LOG.atInfo().setCause(e).log("preparing for machines was given up");
    }
  }
}
