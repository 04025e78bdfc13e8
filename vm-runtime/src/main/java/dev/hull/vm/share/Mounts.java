package dev.hull.vm.share;

import dev.hull.vm.ContainerSpec.Mount.Access;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The host's mounts, as far as a share needs them. */
public interface Mounts {
  /**
   * Makes {@code target} show what {@code source} shows, with the mounts below it; none go back.
   * Read-only from its first moment if asked: copies in other namespaces would not learn of it
   * later.
   *
   * @param follows whether mounts made in the source later appear too
   */
  void bind(Path source, Path target, Access access, boolean follows) throws IOException;

  /** Lets mounts made below {@code target} later be seen by its copies in other namespaces. */
  void makeShared(Path target) throws IOException;

  /** Takes the topmost mount at {@code target} away, and those below it, even while in use. */
  void detach(Path target) throws IOException;

  /** The targets of all mounts at or below {@code folder}, in the order of their making. */
  List<Path> below(Path folder) throws IOException;
}
