package dev.hull.vm.replica;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the copy of one folder like the folder. What it shows is always one whole content that the
 * folder has had: the writer removes a content only after another took its place, so a copy of what
 * is still in place afterwards is whole.
 */
final class Follower implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Follower.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LAST_PAUSE = Duration.ofSeconds(30);
  private static final int MAX_REPLACED = 100;

  private final AtomicFolder folder;
  private final ReplicaTarget target;
  private final FolderWatcher watcher;
  private final Semaphore changes = new Semaphore(0);
  private FolderWatcher.@Nullable Watch watch;
  private @Nullable String shown;
  private volatile boolean closed;

  Follower(AtomicFolder folder, ReplicaTarget target, FolderWatcher watcher) {
    this.folder = folder;
    this.target = target;
    this.watcher = watcher;
  }

  /** Returns when the copy shows what the folder has; from then on it follows. */
  void start() {
    try {
      watchFolder();
      catchUp();
    } catch (MachineException e) {
      close();
      throw e;
    }
    follow();
  }

  /** As {@link #start}, where the guest has a copy that may be of the past; returns at once. */
  void resume() {
    changes.release();
    follow();
  }

  private void follow() {
    Thread.ofVirtual().name("replica-" + folder.path().getFileName()).start(this::run);
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    boolean behind = false;
    while (!closed) {
      try {
        if (behind) {
          var _ = changes.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
        } else {
          changes.acquire();
        }
      } catch (InterruptedException e) {
        return;
      }
      changes.drainPermits();
      if (closed) {
        return;
      }
      try {
        watchFolder();
        catchUp();
        behind = false;
        pause = FIRST_PAUSE;
      } catch (MachineException e) {
        if (!closed && !behind) {
          log.warn(
              "a guest's copy of a folder is not up to date; it is tried again folder={}",
              folder.path(),
              e);
        }
        pause = behind ? longer(pause) : pause;
        behind = true;
      }
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LAST_PAUSE) < 0 ? twice : LAST_PAUSE;
  }

  private synchronized void watchFolder() {
    if (watch == null && !closed) {
      try {
        watch = watcher.watch(folder.path(), changes::release);
      } catch (IOException e) {
        throw new MachineException(
            Kind.INTERNAL, "cannot watch %s for changes: %s".formatted(folder.path(), e), e);
      }
    }
  }

  private void catchUp() {
    for (int i = 0; i < MAX_REPLACED; i++) {
      Optional<String> now = data();
      // While the folder is being taken away with its pod, the copy stays as it is.
      if (now.isEmpty() || now.get().equals(shown)) {
        return;
      }
      String data = now.get();
      try {
        target.stage(data);
      } catch (MachineException e) {
        if (data().equals(now)) {
          throw e;
        }
        continue;
      }
      if (data().equals(now)) {
        target.publish(data);
        shown = data;
      }
    }
    throw new MachineException(
        Kind.UNAVAILABLE,
        "cannot copy %s into the guest: it has been replaced %d times meanwhile"
            .formatted(folder.path(), MAX_REPLACED));
  }

  private Optional<String> data() {
    try {
      return folder.data();
    } catch (IOException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot read %s: %s".formatted(folder.path(), e), e);
    }
  }

  /** Does not wait for a copy that is being made. Does nothing the second time. */
  @Override
  public synchronized void close() {
    closed = true;
    FolderWatcher.Watch its = watch;
    watch = null;
    if (its != null) {
      its.close();
    }
    changes.release();
  }
}
