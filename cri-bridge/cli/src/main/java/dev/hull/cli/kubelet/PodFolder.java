package dev.hull.cli.kubelet;

import dev.hull.cli.pod.Pod;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pod has on the host beside its machine: {@code ROOT/pods/UID} with {@code logs/} and
 * {@code volumes/}. Removing it is idempotent.
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

  /** Where a volume of the pod is on the host. */
  public Path source(Pod.Volume volume) {
    return switch (volume) {
      case Pod.Volume.EmptyDir emptyDir -> volumeFolder(emptyDir.name());
      case Pod.Volume.Memory memory -> volumeFolder(memory.name());
      case Pod.Volume.HostPath hostPath -> Path.of(hostPath.path());
    };
  }

  /** Makes everything, and checks what is expected to be there. Undoes itself if it fails. */
  public void prepare(Pod pod) throws IOException {
    if (Files.exists(folder)) {
      throw new IOException(
          "the pod "
              + pod.name()
              + " is running, or was not removed: "
              + folder
              + " exists; see hull ps, and hull rm");
    }
    try {
      makeFolder(logs(), "rwx------");
      for (Pod.Container container : pod.containers()) {
        makeFolder(logs().resolve(container.name()), "rwx------");
      }
      for (Pod.Volume volume : pod.volumes()) {
        switch (volume) {
          case Pod.Volume.EmptyDir emptyDir -> makeFolder(source(emptyDir), "rwxrwxrwx");
          case Pod.Volume.Memory memory -> {
            makeFolder(source(memory), "rwxrwxrwx");
            mounts.mountMemory(source(memory), memory.sizeLimitBytes());
          }
          case Pod.Volume.HostPath hostPath -> checkHostPath(hostPath);
        }
      }
    } catch (IOException e) {
      try {
        remove();
      } catch (IOException undo) {
        e.addSuppressed(undo);
      }
      throw e;
    }
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

  private Path volumeFolder(String name) {
    return folder.resolve("volumes").resolve(name);
  }

  private static void makeFolder(Path path, String permissions) throws IOException {
    Files.createDirectories(path);
    // In a second step, because the umask takes bits away from the first.
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  private static void checkHostPath(Pod.Volume.HostPath volume) throws IOException {
    Path path = Path.of(volume.path());
    switch (volume.type()) {
      case UNCHECKED -> {
        if (!Files.exists(path)) {
          throw failure(volume, "does not exist; create it, or write type: DirectoryOrCreate");
        }
        if (!Files.isDirectory(path) && !Files.isRegularFile(path)) {
          throw failure(volume, "is neither file nor folder; others do not cross into a machine");
        }
      }
      case DIRECTORY -> {
        if (!Files.isDirectory(path)) {
          throw failure(volume, "is not a folder, as type: Directory demands");
        }
      }
      case FILE -> {
        if (!Files.isRegularFile(path)) {
          throw failure(volume, "is not a file, as type: File demands");
        }
      }
      case DIRECTORY_OR_CREATE -> {
        if (!Files.exists(path)) {
          makeFolder(path, "rwxr-xr-x");
        } else if (!Files.isDirectory(path)) {
          throw failure(volume, "exists and is not a folder");
        }
      }
      case FILE_OR_CREATE -> {
        if (!Files.exists(path)) {
          Files.createFile(path);
        } else if (!Files.isRegularFile(path)) {
          throw failure(volume, "exists and is not a file");
        }
      }
    }
  }

  private static IOException failure(Pod.Volume.HostPath volume, String what) {
    return new IOException("volume " + volume.name() + ": " + volume.path() + " " + what);
  }
}
