package dev.hull.vm.acceleration;

import dev.hull.vm.hypervisor.Acceleration;
import java.time.Duration;

/** Boots a kernel to see whether it can be done. */
@FunctionalInterface
public interface TrialBoot {
  /**
   * Returns when the guest has reached its userspace. MachineException if it has not: DEADLINE
   * after {@code deadline}, another kind if it could not start or died. Nothing of it is left
   * either way.
   */
  void boot(Acceleration acceleration, Duration deadline);
}
