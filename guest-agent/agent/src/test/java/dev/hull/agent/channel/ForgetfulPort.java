package dev.hull.agent.channel;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.Errno;
import dev.hull.agent.linux.LinuxException;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * A port whose driver is as Linux' is: whoever polls takes what has arrived off the device's queue,
 * and then its interrupt wakes nobody.
 */
final class ForgetfulPort implements Descriptors {
  static final int PORT = 3;
  static final int COUNTER = 4;
  private static final int WATCH = 5;

  private final Queue<byte[]> arrived = new ArrayDeque<>();
  private final StringBuilder written = new StringBuilder();
  private long counter;
  private int room = Integer.MAX_VALUE;
  private int sleepers;
  private int writersPolls;
  private boolean hungUp;

  /** What the host sends: its interrupt comes too late, after the next poll of anybody. */
  synchronized void arriveUnheard(byte[] bytes) {
    arrived.add(bytes);
  }

  synchronized void room(int bytes) {
    room = bytes;
    notifyAll();
  }

  synchronized void hangUp() {
    hungUp = true;
    notifyAll();
  }

  synchronized String written() {
    return written.toString();
  }

  synchronized int writersPolls() {
    return writersPolls;
  }

  /** How many threads wait in a poll. */
  synchronized int sleepers() {
    return sleepers;
  }

  @Override
  public synchronized short[] poll(int[] fds, short[] events, int timeoutMillis) {
    boolean writes = events[0] == POLL_OUT;
    if (writes) {
      writersPolls++;
    }
    short[] ready = look(fds, events, true);
    while (none(ready)) {
      sleepers++;
      try {
        wait();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      } finally {
        sleepers--;
      }
      // Nobody was woken because of what arrived, so nobody finds it.
      ready = look(fds, events, false);
    }
    return ready;
  }

  private short[] look(int[] fds, short[] events, boolean anew) {
    short[] ready = new short[fds.length];
    for (int i = 0; i < fds.length; i++) {
      ready[i] = (short) (events[i] & (fds[i] == PORT ? port(anew) : counter > 0 ? POLL_IN : 0));
      if (fds[i] == PORT && hungUp) {
        ready[i] |= POLL_HANG_UP;
      }
    }
    return ready;
  }

  private int port(boolean anew) {
    return (anew && !arrived.isEmpty() ? POLL_IN : 0) | (room > 0 ? POLL_OUT : 0);
  }

  private static boolean none(short[] ready) {
    for (short one : ready) {
      if (one != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public synchronized int read(int fd, byte[] buffer, int offset, int length) {
    if (fd == COUNTER) {
      counter = 0;
      return Long.BYTES;
    }
    byte[] next = arrived.poll();
    if (next == null) {
      throw new LinuxException(Errno.EAGAIN, "read", "descriptor " + fd);
    }
    System.arraycopy(next, 0, buffer, offset, next.length);
    return next.length;
  }

  @Override
  public synchronized int write(int fd, byte[] buffer, int offset, int length) {
    if (fd == COUNTER) {
      counter++;
      notifyAll();
      return length;
    }
    if (room == 0) {
      throw new LinuxException(Errno.EAGAIN, "write", "descriptor " + fd);
    }
    int count = Math.min(room, length);
    room -= count;
    for (int i = 0; i < count; i++) {
      written.append((char) buffer[offset + i]);
    }
    return count;
  }

  @Override
  public int open(String path, int flags, int mode) {
    return PORT;
  }

  @Override
  public int watch(int fd) {
    return WATCH;
  }

  @Override
  public int counter() {
    return COUNTER;
  }

  @Override
  public void close(int fd) {}

  @Override
  public void awaitChange(int watch, int timeoutMillis) {
    throw new AssertionError("awaitChange");
  }

  @Override
  public int ioctl(int fd, long request, long argument) {
    throw new AssertionError("ioctl");
  }

  @Override
  public int ioctl(int fd, long request, byte[] structure) {
    throw new AssertionError("ioctl");
  }

  @Override
  public int socket(int domain, int type, int protocol) {
    throw new AssertionError("socket");
  }
}
