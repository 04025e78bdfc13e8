package dev.hull.images.store;

import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** One at a time for each key; the others wait, and can be interrupted. */
final class KeyedLocks<K> {
  private static final class Counted {
    final ReentrantLock lock = new ReentrantLock();
    int users;
  }

  private final Map<K, Counted> locks = new HashMap<>();

  void run(K key, Runnable work) {
    Counted counted;
    synchronized (locks) {
      counted = locks.computeIfAbsent(key, _ -> new Counted());
      counted.users++;
    }
    try {
      counted.lock.lockInterruptibly();
      try {
        work.run();
      } finally {
        counted.lock.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException(Kind.UNAVAILABLE, "it was cancelled", e);
    } finally {
      synchronized (locks) {
        counted.users--;
        if (counted.users == 0) {
          locks.remove(key);
        }
      }
    }
  }
}
