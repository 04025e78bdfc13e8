package dev.hull.vm.libvirt;

import com.sun.jna.Memory;
import com.sun.jna.NativeLong;
import java.util.function.Supplier;

/**
 * Keeps calls into libvirt on one CPU. Where KVM is, libvirt 9.0 forgets what it knows of QEMU when
 * the CPUID data of the core that it runs on differ from the last one's, and asks QEMU again, which
 * takes seconds. QEMU itself is not held: libvirt lets it run everywhere.
 */
final class Affinity {
  private static final int MASK_BYTES = 128;

  private final LibC libc;
  private final boolean pinned;

  Affinity(LibC libc, boolean pinned) {
    this.libc = libc;
    this.pinned = pinned;
  }

  /**
   * Runs {@code call} on the first CPU that this thread may use, and gives the thread its freedom
   * back: a thread that is started from it would inherit the bond.
   */
  <T> T onOneCpu(Supplier<T> call) {
    if (!pinned) {
      return call.get();
    }
    NativeLong size = new NativeLong(MASK_BYTES);
    Memory before = new Memory(MASK_BYTES);
    before.clear();
    libc.sched_getaffinity(0, size, before);
    libc.sched_setaffinity(0, size, firstOf(before));
    try {
      return call.get();
    } finally {
      libc.sched_setaffinity(0, size, before);
    }
  }

  private static Memory firstOf(Memory mask) {
    Memory first = new Memory(MASK_BYTES);
    first.clear();
    for (int i = 0; i < MASK_BYTES; i++) {
      int bits = Byte.toUnsignedInt(mask.getByte(i));
      if (bits != 0) {
        first.setByte(i, (byte) Integer.lowestOneBit(bits));
        break;
      }
    }
    return first;
  }
}
