package dev.hull.vm.libvirt;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.time.Duration;

/** The end of a wait for something that libvirt and the kernel do not tell of. */
final class Deadline {
  private static final Duration STEP = Duration.ofMillis(5);

  private final long end;

  Deadline(Duration wait) {
    end = System.nanoTime() + wait.toNanos();
  }

  boolean isOver() {
    return System.nanoTime() - end >= 0;
  }

  void pause() {
    try {
      Thread.sleep(STEP);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MachineException(Kind.UNAVAILABLE, "interrupted while waiting for QEMU", e);
    }
  }
}
