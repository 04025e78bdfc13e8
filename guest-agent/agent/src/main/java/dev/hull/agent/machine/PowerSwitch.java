package dev.hull.agent.machine;

import dev.hull.agent.linux.Power;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** Ends the machine in order. */
public final class PowerSwitch {
  private final Workload workload;
  private final Power power;
  private final AtomicBoolean pressed = new AtomicBoolean();

  public PowerSwitch(Workload workload, Power power) {
    this.workload = workload;
    this.power = power;
  }

  /**
   * Ends the containers, syncs, and switches off; goes on to the next step whatever fails in one. A
   * second call returns at once.
   */
  void press(Duration grace) {
    if (!pressed.compareAndSet(false, true)) {
      return;
    }
    try {
      workload.stop(grace);
    } finally {
      try {
        power.sync();
      } finally {
        power.powerOff();
      }
    }
  }
}
