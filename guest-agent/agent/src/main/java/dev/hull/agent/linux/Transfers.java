package dev.hull.agent.linux;

import java.lang.foreign.MemorySegment;

/**
 * Calls that are made for every piece of much, on memory outside of the heap. Nothing is copied,
 * and what is no error throws nothing: making an exception takes an interpreter longer than the
 * call.
 */
public interface Transfers {
  /** What a call returns that would have to wait on a descriptor that does not block. */
  int WOULD_BLOCK = -1;

  /** Memory that is zero, costs nothing before it is touched, and lives as long as it is known. */
  MemorySegment map(int bytes);

  /**
   * Reads at most {@code length} bytes to an offset of the memory and returns how many; 0 at the
   * end, {@link #WOULD_BLOCK} if there are none now. Throws {@link LinuxException}.
   */
  int read(int fd, MemorySegment memory, int offset, int length);

  /**
   * Writes at most {@code length} bytes from an offset of the memory and returns how many, or
   * {@link #WOULD_BLOCK}. Throws {@link LinuxException}.
   */
  int write(int fd, MemorySegment memory, int offset, int length);

  /**
   * Waits until one of some descriptors is ready for what is asked, or so many milliseconds; for
   * ever if they are negative. Throws {@link LinuxException}.
   *
   * @param memory structures of poll(2) one behind the other, which get the answers
   * @param count how many
   */
  void poll(MemorySegment memory, int count, int timeoutMillis);
}
