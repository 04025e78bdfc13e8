package dev.hull.vm.replica;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * The folders that one machine has copies of, by their number in its share. Not thread-safe: the
 * machine's lock guards it.
 */
public final class Followers implements AutoCloseable {
  private final FolderWatcher watcher;
  private final IntFunction<ReplicaTarget> targets;
  private final Map<Integer, Follower> followers = new HashMap<>();

  /**
   * @param targets by number, the copies in the guest
   */
  public Followers(FolderWatcher watcher, IntFunction<ReplicaTarget> targets) {
    this.watcher = watcher;
    this.targets = targets;
  }

  /** Returns when the copy, which is new, shows what the folder has; from then on it follows. */
  public void start(int number, Path folder) {
    Follower follower = follower(number, folder);
    follower.start();
    followers.put(number, follower);
  }

  /** Takes up a copy that another process made. Returns at once. */
  public void resume(int number, Path folder) {
    Follower follower = follower(number, folder);
    followers.put(number, follower);
    follower.resume();
  }

  private Follower follower(int number, Path folder) {
    return new Follower(new AtomicFolder(folder), targets.apply(number), watcher);
  }

  /** Does nothing for a number that has no copy. */
  public void stop(int number) {
    Follower follower = followers.remove(number);
    if (follower != null) {
      follower.close();
    }
  }

  /** Ends all. */
  @Override
  public void close() {
    followers.values().forEach(Follower::close);
    followers.clear();
  }
}
