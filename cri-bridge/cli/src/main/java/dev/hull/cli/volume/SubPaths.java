package dev.hull.cli.volume;

import dev.hull.cli.kubelet.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Parts of volumes. A container may put links into its volumes at any time, and one that leads out
 * of the volume must not be followed on the host. So a part is first mounted at a place of ours,
 * and then the kernel is asked what that is: nobody can exchange it any more.
 */
public final class SubPaths {
  private static final int FOLDER_MODE = 0755;

  private final Mounts mounts;

  public SubPaths(Mounts mounts) {
    this.mounts = mounts;
  }

  /**
   * Mounts a part of a volume at {@code target}; a part that is not there becomes a folder.
   *
   * @throws IOException if it leads out of the volume
   */
  public void mount(Path volume, String part, Path target) throws IOException {
    Path source = volume.resolve(part).normalize();
    if (!source.startsWith(volume)) {
      throw new IOException("the subPath " + part + " leads out of its volume");
    }
    make(volume, source);
    Path mounted = mounts.bind(source, target);
    if (!mounted.startsWith(mounts.origin(volume))) {
      mounts.unmount(target);
      throw new IOException("the subPath " + part + " leads out of its volume, by a link in it");
    }
  }

  private static void make(Path volume, Path source) throws IOException {
    Path at = volume;
    for (Path name : volume.relativize(source)) {
      at = at.resolve(name);
      if (!Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
        // Without its parents, so that a link among them is found by the next round.
        Files.createDirectory(at);
        Files.setAttribute(at, "unix:mode", FOLDER_MODE);
      } else if (Files.isSymbolicLink(at) && !at.toRealPath().startsWith(volume.toRealPath())) {
        throw new IOException(
            "the subPath "
                + volume.relativize(source)
                + " leads out of its volume, by a link in it");
      }
    }
  }
}
