package dev.hull.vm.share;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The mounts below shares. They are made in the mount namespace of the process that serves the
 * share, and nowhere else: the kernel refuses to remove or to rename what is a mount point in one's
 * own namespace, so in the host's they would be in the way of whoever owns the volume. They end
 * with that process.
 */
public interface Mounts {
  /**
   * A process that serves a share.
   *
   * @param folder the share on the host, which the process has as its root
   */
  record Server(long pid, Path folder) {}

  /**
   * Makes {@code target} show what {@code source} shows, with the mounts below it; none go back.
   * Read-only from its first moment if asked.
   *
   * @param source on the host
   * @param target below the share; must be there and of the same kind
   */
  void bind(Server server, Path source, Path target, View view) throws IOException;

  /** Takes the topmost mount at {@code target} away, and those below it, even while in use. */
  void detach(Server server, Path target) throws IOException;

  /**
   * The targets of all mounts at or below {@code target}, in the order of their making; none where
   * the process has ended.
   */
  List<Path> below(Server server, Path target) throws IOException;
}
