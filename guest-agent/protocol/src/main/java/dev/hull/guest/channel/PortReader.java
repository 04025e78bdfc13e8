package dev.hull.guest.channel;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The only reader of a {@link Port}, on a thread of its own. A connection that is closed while it
 * waits for bytes would otherwise stay in the device's read and swallow the first bytes of the next
 * one.
 */
final class PortReader implements AutoCloseable {
  private static final int CAPACITY = 64 * 1024;

  private final Port port;
  private final byte[] ring = new byte[CAPACITY];
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int head;
  private int size;
  private boolean closed;

  /** Counts the times that the host went away; a connection ends with the one it began in. */
  private long departures;

  private @Nullable IOException failure;

  PortReader(Port port) {
    this.port = port;
  }

  void start() {
    Thread.ofPlatform().daemon().name("port-reader").stackSize(128 * 1024).start(this::pump);
  }

  private void pump() {
    byte[] buffer = new byte[16 * 1024];
    try {
      while (!isClosed()) {
        int count = port.read(buffer, 0, buffer.length);
        if (count > 0) {
          put(buffer, count);
        } else {
          hostLeft();
        }
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  private void put(byte[] bytes, int count) {
    lock.lock();
    try {
      int done = 0;
      while (done < count && !closed) {
        while (size == CAPACITY && !closed) {
          changed.awaitUninterruptibly();
        }
        int tail = (head + size) % CAPACITY;
        int piece = Math.min(count - done, Math.min(CAPACITY - size, CAPACITY - tail));
        System.arraycopy(bytes, done, ring, tail, piece);
        size += piece;
        done += piece;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void hostLeft() {
    lock.lock();
    try {
      departures++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void fail(IOException e) {
    lock.lock();
    try {
      failure = e;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A stream of what arrives from now until the host goes away, {@link Input#end} is called, or
   * this is closed.
   */
  Input open() {
    lock.lock();
    try {
      return new Input(departures);
    } finally {
      lock.unlock();
    }
  }

  /** One connection's view of the port. */
  final class Input extends InputStream {
    private final long openedAt;
    private boolean ended;

    private Input(long openedAt) {
      this.openedAt = openedAt;
    }

    /** Wakes a reader that waits; what has arrived stays for the next stream. */
    void end() {
      lock.lock();
      try {
        ended = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    /** Whether nothing more can be read or written in this connection. */
    boolean isOver() {
      lock.lock();
      try {
        return ended || closed || departures != openedAt;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      lock.lock();
      try {
        while (true) {
          if (isOver()) {
            return -1;
          }
          if (size > 0) {
            int piece = Math.min(length, Math.min(size, CAPACITY - head));
            System.arraycopy(ring, head, buffer, offset, piece);
            head = (head + piece) % CAPACITY;
            size -= piece;
            changed.signalAll();
            return piece;
          }
          if (failure != null) {
            throw new IOException(
                "cannot read the port to the host: " + failure.getMessage(), failure);
          }
          changed.awaitUninterruptibly();
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
