package dev.hull.agent.linux;

/**
 * File descriptors. All methods throw {@link LinuxException}; a call that a signal interrupts is
 * made again. Read, write and poll block their platform thread: call them from one.
 */
public interface Descriptors {
  int READ_ONLY = 0;
  int WRITE_ONLY = 1;
  int READ_WRITE = 2;
  int CREATE = 0x40;
  int EXCLUSIVE = 0x80;
  int NO_CONTROLLING_TERMINAL = 0x100;
  int NON_BLOCKING = 0x800;
  int DIRECTORY = 0x10000;
  int NO_FOLLOW = 0x20000;
  int CLOSE_ON_EXEC = 0x80000;
  int PATH_ONLY = 0x200000;

  short POLL_IN = 1;
  short POLL_OUT = 4;
  short POLL_ERROR = 8;
  short POLL_HANG_UP = 16;

  /** Opens with flags of this interface, or'ed; close-on-exec is always added. */
  int open(String path, int flags, int mode);

  /** Reads at most {@code length} bytes and returns how many; 0 at the end. */
  int read(int fd, byte[] buffer, int offset, int length);

  /** Writes at most {@code length} bytes and returns how many. */
  int write(int fd, byte[] buffer, int offset, int length);

  /** Closes. The descriptor is gone even when this throws. */
  void close(int fd);

  /** An ioctl whose argument is a number. */
  int ioctl(int fd, long request, long argument);

  /** An ioctl whose argument is a structure, which it may change. */
  int ioctl(int fd, long request, byte[] structure);

  /**
   * Waits until one of the descriptors is ready for what is asked, and returns the events of each.
   * All are 0 after {@code timeoutMillis}; a negative timeout waits for ever. A negative descriptor
   * is left out.
   */
  short[] poll(int[] fds, short[] events, int timeoutMillis);

  /**
   * A descriptor for {@link #awaitChange}: it watches whether {@code fd} can be read or written, or
   * has hung up (epoll(7), edge-triggered).
   */
  int watch(int fd);

  /**
   * Waits until that may have changed since the last call, or so many milliseconds; for ever if
   * they are negative. The first call returns at once.
   */
  void awaitChange(int watch, int timeoutMillis);

  /**
   * A number, 0 at first, that can be read while it is another: reading 8 bytes takes it and leaves
   * 0, writing 8 bytes adds to it (eventfd(2)). The bytes are in the machine's order.
   */
  int counter();

  /** socket(2); close-on-exec is always added. */
  int socket(int domain, int type, int protocol);
}
