package dev.hull.images.erofs;

/**
 * Gives inodes their places in the metadata area, in slots of 32 bytes. What fits a block never
 * crosses the end of one (Linux refuses data beside an inode that does), so blocks are left with
 * gaps; a few of the newest stay open, and an inode goes where it leaves the smallest.
 */
final class SlotAllocator {
  static final int SLOT = 32;

  private static final int SLOTS_PER_BLOCK = BlockFile.BLOCK / SLOT;
  private static final int OPEN = 32;

  private final long[] openBlock = new long[OPEN];
  private final int[] openUsed = new int[OPEN];
  private int open;
  private long blocks;

  /** The first slot stays empty: an inode number of 0 means "none" to libc. */
  SlotAllocator() {
    open(1);
  }

  /** The slot for an inode with all that stands behind it. */
  long allocate(long bytes) {
    long slots = (bytes + SLOT - 1) / SLOT;
    if (slots > SLOTS_PER_BLOCK) {
      long slot = blocks * SLOTS_PER_BLOCK;
      blocks += slots / SLOTS_PER_BLOCK;
      int rest = (int) (slots % SLOTS_PER_BLOCK);
      if (rest > 0) {
        open(rest);
      }
      return slot;
    }
    int best = -1;
    for (int i = 0; i < open; i++) {
      if (openUsed[i] + slots <= SLOTS_PER_BLOCK && (best < 0 || openUsed[i] > openUsed[best])) {
        best = i;
      }
    }
    if (best < 0) {
      best = open(0);
    }
    long slot = openBlock[best] * SLOTS_PER_BLOCK + openUsed[best];
    openUsed[best] += (int) slots;
    return slot;
  }

  /** Opens the next block, in place of the fullest if there are too many. */
  private int open(int used) {
    int index = open;
    if (open == OPEN) {
      index = 0;
      for (int i = 1; i < OPEN; i++) {
        if (openUsed[i] > openUsed[index]) {
          index = i;
        }
      }
    } else {
      open++;
    }
    openBlock[index] = blocks++;
    openUsed[index] = used;
    return index;
  }

  long blocks() {
    return blocks;
  }
}
