package dev.hull.agent.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

final class NativeTransfers implements Transfers {
  private static final long READ = 0;
  private static final long WRITE = 1;
  private static final long POLL = 7;
  private static final long MMAP = 9;
  private static final long MUNMAP = 11;
  private static final long READ_AND_WRITE = 1 | 2;
  private static final long PRIVATE = 2;
  private static final long ANONYMOUS = 0x20;
  private static final long NO_FILE = -1;
  private static final int POLLFD_BYTES = 8;

  private final Libc libc;

  NativeTransfers(Libc libc) {
    this.libc = libc;
  }

  /** By mmap(2), for an arena clears what it allocates, and touches all of it by that. */
  @Override
  @SuppressWarnings("restricted") // the kernel has just said that this memory is there
  public MemorySegment map(int bytes) {
    long address =
        libc.syscall(
            "mmap",
            bytes + " bytes",
            MMAP,
            0,
            bytes,
            READ_AND_WRITE,
            PRIVATE | ANONYMOUS,
            NO_FILE,
            0);
    return MemorySegment.ofAddress(address)
        .reinterpret(
            bytes,
            Arena.ofAuto(),
            gone -> libc.syscall("munmap", bytes + " bytes", MUNMAP, address, bytes));
  }

  @Override
  public int read(int fd, MemorySegment memory, int offset, int length) {
    return transfer("read", READ, fd, memory, offset, length);
  }

  @Override
  public int write(int fd, MemorySegment memory, int offset, int length) {
    return transfer("write", WRITE, fd, memory, offset, length);
  }

  @Override
  public void poll(MemorySegment memory, int count, int timeoutMillis) {
    Objects.checkFromIndexSize(0, count * (long) POLLFD_BYTES, memory.byteSize());
    long result = libc.attempt(POLL, memory.address(), count, timeoutMillis);
    // After a signal nothing is ready, as after the time.
    if (result < 0 && result != -Errno.EINTR.number()) {
      throw new LinuxException(new Errno((int) -result), "poll", count + " descriptors");
    }
  }

  private int transfer(
      String call, long number, int fd, MemorySegment memory, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, memory.byteSize());
    while (true) {
      int result = (int) libc.attempt(number, fd, memory.address() + offset, length);
      if (result >= 0) {
        return result;
      }
      if (result == -Errno.EAGAIN.number()) {
        return WOULD_BLOCK;
      }
      if (result != -Errno.EINTR.number()) {
        throw new LinuxException(new Errno(-result), call, "descriptor " + fd);
      }
    }
  }
}
