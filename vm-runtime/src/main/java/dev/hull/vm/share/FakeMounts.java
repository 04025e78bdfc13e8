package dev.hull.vm.share;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/** Tables of mounts that change nothing on the host. They outlive who uses them, as servers do. */
public final class FakeMounts implements Mounts {
  private record Mounted(long pid, Path target) {
    boolean isBelow(long process, Path place) {
      return pid == process && target.startsWith(place);
    }
  }

  private final LongPredicate alive;
  private final List<Mounted> mounted = new ArrayList<>();

  /**
   * @param alive whether there is a process of that id
   */
  public FakeMounts(LongPredicate alive) {
    this.alive = alive;
  }

  /** Throws if a process that has not ended has mounts. */
  public synchronized void checkNothingLeaked() {
    forgetEnded();
    if (!mounted.isEmpty()) {
      throw new AssertionError("still mounted: " + mounted);
    }
  }

  private void forgetEnded() {
    mounted.removeIf(mount -> !alive.test(mount.pid()));
  }

  @Override
  public synchronized void bind(Server server, Path source, Path target, View view)
      throws IOException {
    if (!alive.test(server.pid())) {
      throw new IOException("cannot bind to " + target + ": there is no process " + server.pid());
    }
    Path point = server.folder().resolve(target);
    if (Files.isDirectory(source) != Files.isDirectory(point) || !Files.exists(point)) {
      throw new IOException("cannot bind " + source + " to " + point + ": not of one kind");
    }
    mounted.add(new Mounted(server.pid(), target));
  }

  @Override
  public synchronized void detach(Server server, Path target) throws IOException {
    if (!below(server, target).contains(target)) {
      throw new IOException("nothing is mounted at " + target + " of " + server);
    }
    mounted.removeIf(mount -> mount.isBelow(server.pid(), target));
  }

  @Override
  public synchronized List<Path> below(Server server, Path target) {
    forgetEnded();
    return mounted.stream()
        .filter(mount -> mount.isBelow(server.pid(), target))
        .map(Mounted::target)
        .toList();
  }
}
