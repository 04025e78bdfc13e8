package dev.hull.agent.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Native memory for bytes on their way between an array and the kernel, kept for the next call: an
 * arena zeroes what it allocates, which for an interpreter is half of all that moving bytes costs.
 * There are never more than threads that are in a call at once.
 */
final class TransferSpaces {
  /** Of one space: what a pipe holds. */
  static final int BYTES = 64 * 1024;

  private final ConcurrentLinkedQueue<Space> free = new ConcurrentLinkedQueue<>();

  /** One that nobody else has until it is closed. Its content is whatever was in it last. */
  Space take() {
    Space known = free.poll();
    return known == null ? new Space(Arena.ofAuto().allocate(BYTES)) : known;
  }

  final class Space implements AutoCloseable {
    private final MemorySegment memory;
    private final long address;

    private Space(MemorySegment memory) {
      this.memory = memory;
      this.address = memory.address();
    }

    long address() {
      return address;
    }

    void copyTo(byte[] target, int offset, int count) {
      MemorySegment.copy(memory, JAVA_BYTE, 0, target, offset, count);
    }

    void copyFrom(byte[] source, int offset, int count) {
      MemorySegment.copy(source, offset, memory, JAVA_BYTE, 0, count);
    }

    @Override
    public void close() {
      free.add(this);
    }
  }
}
