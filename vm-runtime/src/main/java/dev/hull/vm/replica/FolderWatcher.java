package dev.hull.vm.replica;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Watches folders of the host for changes of their entries, by inotify. One instance serves all, of
 * which a user can have few (128 by default); it is open while something is watched, and so is the
 * thread on which listeners are called. They must not block.
 */
public final class FolderWatcher {
  /** Ends the watch of one listener. Does nothing the second time. */
  public interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  private final Map<WatchKey, List<Runnable>> listeners = new HashMap<>();
  private @Nullable WatchService service;

  /**
   * Calls {@code changed} after each change, and where changes may have been missed. When the
   * folder itself is gone, it is called a last time.
   */
  public synchronized Watch watch(Path folder, Runnable changed) throws IOException {
    WatchService open = service == null ? open() : service;
    WatchKey key;
    try {
      key = folder.register(open, ENTRY_CREATE, ENTRY_DELETE, ENTRY_MODIFY);
    } catch (IOException e) {
      closeIfIdle();
      throw e;
    }
    listeners.computeIfAbsent(key, any -> new CopyOnWriteArrayList<>()).add(changed);
    return () -> forget(key, changed);
  }

  private WatchService open() throws IOException {
    WatchService opened = FileSystems.getDefault().newWatchService();
    service = opened;
    Thread.ofPlatform().daemon().name("folder-watcher").start(() -> serve(opened));
    return opened;
  }

  private synchronized void forget(WatchKey key, Runnable changed) {
    List<Runnable> its = listeners.get(key);
    if (its != null && its.remove(changed) && its.isEmpty()) {
      listeners.remove(key);
      key.cancel();
      closeIfIdle();
    }
  }

  private void closeIfIdle() {
    WatchService open = service;
    if (open != null && listeners.isEmpty()) {
      service = null;
      try {
        open.close();
      } catch (IOException e) {
        throw new IllegalStateException("cannot close an inotify descriptor", e);
      }
    }
  }

  private void serve(WatchService own) {
    try {
      while (true) {
        WatchKey key = own.take();
        // What happened does not matter, nor how often: who listens looks by himself.
        key.pollEvents();
        for (Runnable listener : of(key)) {
          listener.run();
        }
        key.reset();
      }
    } catch (ClosedWatchServiceException | InterruptedException e) {
      // Nothing is watched any more.
      return;
    }
  }

  private synchronized List<Runnable> of(WatchKey key) {
    return List.copyOf(listeners.getOrDefault(key, List.of()));
  }
}
