package dev.hull.vm.libvirt;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.time.Duration;

/** A guest's balloon: what is in it, the host has back. */
final class Balloon {
  private static final long MIB = 1L << 20;
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final Monitor monitor;

  Balloon(Monitor monitor) {
    this.monitor = monitor;
  }

  /**
   * Blows it up until the guest has only so much, or gives no more, and lets the air out again.
   * Pages that the guest gets back are as good as new: the host gives them when they are touched.
   */
  void squeeze(int memoryMib) {
    long full = actual();
    monitor.run("balloon", "value", memoryMib * MIB);
    // A guest that keeps more than was thought makes a larger template, and no wrong one.
    var _ =
        monitor.await(
            "query-balloon", said -> said.get("actual").getAsLong() <= memoryMib * MIB, DEADLINE);
    monitor.run("balloon", "value", full);
    if (!monitor.await("query-balloon", said -> said.get("actual").getAsLong() >= full, DEADLINE)) {
      throw new MachineException(
          Kind.DEADLINE,
          "a guest has not taken its memory back after " + DEADLINE.toSeconds() + " s");
    }
  }

  private long actual() {
    return monitor.run("query-balloon").getAsJsonObject().get("actual").getAsLong();
  }
}
