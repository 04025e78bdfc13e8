package dev.hull.cli.kubelet;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pod has on the host beside its machine: {@code ROOT/pods/UID} with {@code logs/}, {@code
 * volumes/} and the like. Removing it is idempotent.
 */
public final class PodFolder {
  private final Path folder;
  private final Mounts mounts;

  private PodFolder(Path folder, Mounts mounts) {
    this.folder = folder;
    this.mounts = mounts;
  }

  public static PodFolder of(Path root, String uid, Mounts mounts) {
    return new PodFolder(root.toAbsolutePath().normalize().resolve("pods").resolve(uid), mounts);
  }

  /**
   * The folder that a sandbox's annotation names.
   *
   * @throws IOException if it is not the folder of that pod: it is going to be deleted
   */
  public static PodFolder existing(Path folder, String uid, Mounts mounts) throws IOException {
    boolean ours =
        folder.isAbsolute()
            && folder.normalize().equals(folder)
            && folder.getNameCount() >= 2
            && folder.endsWith(Path.of("pods").resolve(uid));
    if (!ours) {
      throw new IOException(
          "the pod names "
              + folder
              + " as its folder, which is not pods/"
              + uid
              + "; left as it is");
    }
    return new PodFolder(folder, mounts);
  }

  public Path path() {
    return folder;
  }

  public Path logs() {
    return folder.resolve("logs");
  }

  /** Where a container's logs are: {@code N.log} for its Nth start. */
  public Path logs(String container) {
    return logs().resolve(container);
  }

  /** Where a volume is that goes with the pod. */
  public Path volume(String name) {
    return folder.resolve("volumes").resolve(name);
  }

  /** Where a part of a volume is mounted, so that nobody can exchange it for another place. */
  public Path subPath(String container, int mount) {
    return folder.resolve("subpaths").resolve(container).resolve(Integer.toString(mount));
  }

  /** The file into which a container's Nth start may write its last words. */
  public Path message(String container, int attempt) {
    return folder.resolve("messages").resolve(container).resolve(Integer.toString(attempt));
  }

  /** The pod's hosts file. */
  public Path hosts() {
    return folder.resolve("hosts");
  }

  public boolean exists() {
    return Files.exists(folder, LinkOption.NOFOLLOW_LINKS);
  }

  /** Makes the folder, and that of the logs; those that are there are left as they are. */
  public void make() throws IOException {
    makeFolder(logs(), 0700);
  }

  /** Makes the folder of a container's logs, unless it is there. */
  public void makeLogs(String container) throws IOException {
    makeFolder(logs(container), 0700);
  }

  /** Unmounts and deletes everything; the sources of hostPath volumes stay untouched. */
  public void remove() throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    for (Path mount : mounts.below(folder)) {
      mounts.unmount(mount);
    }
    deleteTree(folder, mounts);
  }

  /** Deletes a folder and what is in it, but refuses while anything is mounted there. */
  public static void deleteTree(Path tree, Mounts mounts) throws IOException {
    List<Path> mounted = mounts.below(tree);
    if (!mounted.isEmpty()) {
      // Deleting would reach through the mount into whatever lies there.
      throw new IOException(
          "cannot delete " + tree + ": " + mounted.getFirst() + " is still mounted; unmount it");
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Makes a folder of this mode, whatever the umask says; one that is there gets the mode. */
  public static void makeFolder(Path path, int mode) throws IOException {
    Files.createDirectories(path);
    // In a second step, because the umask takes bits away from the first.
    Files.setAttribute(path, "unix:mode", mode);
  }
}
