package dev.hull.vm;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Bytes on their way from one side to another, bounded as a pipe of the kernel is. */
final class FakePipe {
  private static final int BOUND = 64 * 1024;

  private final Deque<byte[]> pieces = new ArrayDeque<>();
  private int size;
  private boolean ended;
  private boolean broken;

  /** Blocks while it is full; false if the bytes have no reader any more. */
  synchronized boolean write(byte[] data) throws InterruptedException {
    while (size >= BOUND && !broken && !ended) {
      wait();
    }
    if (broken || ended) {
      return false;
    }
    if (data.length > 0) {
      pieces.add(data.clone());
      size += data.length;
      notifyAll();
    }
    return true;
  }

  /** The next bytes; null at the end. */
  synchronized byte @Nullable [] read() throws InterruptedException {
    while (pieces.isEmpty() && !ended && !broken) {
      wait();
    }
    byte[] data = pieces.poll();
    if (data != null) {
      size -= data.length;
      notifyAll();
    }
    return data;
  }

  /** Nothing more is written. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  synchronized boolean ended() {
    return ended || broken;
  }

  /** Nobody reads any more; what waits is lost. */
  synchronized void breakOff() {
    broken = true;
    pieces.clear();
    size = 0;
    notifyAll();
  }

  synchronized boolean broken() {
    return broken;
  }
}
