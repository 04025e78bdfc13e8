package dev.hull.agent.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

final class NativeDescriptors implements Descriptors {
  private static final long READ = 0;
  private static final long WRITE = 1;
  private static final long CLOSE = 3;
  private static final long POLL = 7;
  private static final long IOCTL = 16;
  private static final long SOCKET = 41;
  private static final long EPOLL_WAIT = 232;
  private static final long EPOLL_CTL = 233;
  private static final long OPENAT = 257;
  private static final long EVENTFD2 = 290;
  private static final long EPOLL_CREATE1 = 291;
  private static final long AT_FDCWD = -100;
  private static final int POLLFD_BYTES = 8;
  private static final int EPOLL_EVENT_BYTES = 12;
  private static final int EPOLL_ADD = 1;
  private static final int EDGE_TRIGGERED = 1 << 31;

  private final Libc libc;
  private final TransferSpaces spaces = new TransferSpaces();

  NativeDescriptors(Libc libc) {
    this.libc = libc;
  }

  @Override
  public int open(String path, int flags, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          libc.uninterrupted(
              "open",
              path,
              OPENAT,
              AT_FDCWD,
              Libc.string(arena, path).address(),
              flags | CLOSE_ON_EXEC,
              mode);
    }
  }

  @Override
  public int read(int fd, byte[] buffer, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    try (TransferSpaces.Space space = spaces.take()) {
      int count = (int) transfer("read", READ, fd, space, length);
      space.copyTo(buffer, offset, count);
      return count;
    }
  }

  @Override
  public int write(int fd, byte[] buffer, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    try (TransferSpaces.Space space = spaces.take()) {
      space.copyFrom(buffer, offset, Math.min(length, TransferSpaces.BYTES));
      return (int) transfer("write", WRITE, fd, space, length);
    }
  }

  private long transfer(String call, long number, int fd, TransferSpaces.Space space, int length) {
    return libc.uninterrupted(
        call, "a descriptor", number, fd, space.address(), Math.min(length, TransferSpaces.BYTES));
  }

  @Override
  public void close(int fd) {
    // Not made again when interrupted: Linux has closed it, and the number may be another's by now.
    libc.syscall("close", "descriptor " + fd, CLOSE, fd);
  }

  @Override
  public int ioctl(int fd, long request, long argument) {
    return (int) libc.uninterrupted("ioctl", describe(fd, request), IOCTL, fd, request, argument);
  }

  @Override
  public int ioctl(int fd, long request, byte[] structure) {
    try (Arena arena = Arena.ofConfined()) {
      // Some drivers read aligned words.
      MemorySegment memory = arena.allocate(structure.length, 8);
      MemorySegment.copy(structure, 0, memory, JAVA_BYTE, 0, structure.length);
      int result =
          (int)
              libc.uninterrupted(
                  "ioctl", describe(fd, request), IOCTL, fd, request, memory.address());
      MemorySegment.copy(memory, JAVA_BYTE, 0, structure, 0, structure.length);
      return result;
    }
  }

  @Override
  public short[] poll(int[] fds, short[] events, int timeoutMillis) {
    if (fds.length != events.length) {
      throw new IllegalArgumentException(
          fds.length + " descriptors, but events for " + events.length);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(Math.max(1, fds.length) * (long) POLLFD_BYTES, 4);
      for (int i = 0; i < fds.length; i++) {
        memory.set(JAVA_INT, (long) i * POLLFD_BYTES, fds[i]);
        memory.set(JAVA_SHORT, (long) i * POLLFD_BYTES + 4, events[i]);
      }
      libc.uninterrupted(
          "poll", fds.length + " descriptors", POLL, memory.address(), fds.length, timeoutMillis);
      short[] ready = new short[fds.length];
      for (int i = 0; i < fds.length; i++) {
        ready[i] = memory.get(JAVA_SHORT, (long) i * POLLFD_BYTES + 6);
      }
      return ready;
    }
  }

  @Override
  public int watch(int fd) {
    int watch = (int) libc.syscall("epoll_create1", "", EPOLL_CREATE1, CLOSE_ON_EXEC);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = arena.allocate(EPOLL_EVENT_BYTES, 4);
      event.set(JAVA_INT, 0, POLL_IN | POLL_OUT | EDGE_TRIGGERED);
      libc.syscall(
          "epoll_ctl", "descriptor " + fd, EPOLL_CTL, watch, EPOLL_ADD, fd, event.address());
      return watch;
    } catch (LinuxException e) {
      close(watch);
      throw e;
    }
  }

  @Override
  public void awaitChange(int watch, int timeoutMillis) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = arena.allocate(EPOLL_EVENT_BYTES, 4);
      libc.uninterrupted(
          "epoll_wait",
          "descriptor " + watch,
          EPOLL_WAIT,
          watch,
          event.address(),
          1,
          timeoutMillis);
    }
  }

  @Override
  public int counter() {
    return (int) libc.syscall("eventfd2", "", EVENTFD2, 0, CLOSE_ON_EXEC | NON_BLOCKING);
  }

  @Override
  public int socket(int domain, int type, int protocol) {
    return (int)
        libc.syscall(
            "socket",
            "domain " + domain + " protocol " + protocol,
            SOCKET,
            domain,
            type | CLOSE_ON_EXEC,
            protocol);
  }

  private static String describe(int fd, long request) {
    return "0x" + Long.toHexString(request) + " on descriptor " + fd;
  }
}
