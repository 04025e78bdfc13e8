package dev.hull.vm.share;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * The tree that one machine's virtiofsd serves, as it is on the host: a mount point {@code
 * volumes/N} for the N-th volume, always empty, for what is mounted there virtiofsd alone sees.
 * Idempotent.
 *
 * @param path absolute; made by {@link #create}
 */
public record ShareFolder(Path path) {
  private static final Path VOLUMES = Path.of("volumes");

  /** A volume's mount point, below the share. */
  static Path point(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("a volume's number must not be negative: " + number);
    }
    return VOLUMES.resolve(Integer.toString(number));
  }

  /** Makes the tree, empty. */
  public void create() {
    try {
      Files.createDirectories(path.resolve(VOLUMES));
    } catch (IOException e) {
      throw new MachineException(Kind.INTERNAL, "cannot make the share " + path, e);
    }
  }

  /** Makes the mount point for a folder, or else for a file, anew. */
  void make(int number, boolean directory) throws IOException {
    remove(number);
    Path point = path.resolve(point(number));
    if (directory) {
      Files.createDirectory(point);
    } else {
      Files.createFile(point);
    }
  }

  void remove(int number) throws IOException {
    delete(path.resolve(point(number)));
  }

  /** Takes the tree away, whose virtiofsd has ended. */
  public void destroy() {
    try {
      if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        return;
      }
      Path volumes = path.resolve(VOLUMES);
      if (Files.isDirectory(volumes, LinkOption.NOFOLLOW_LINKS)) {
        try (var points = Files.newDirectoryStream(volumes)) {
          for (Path point : points) {
            delete(point);
          }
        }
        Files.delete(volumes);
      }
      Files.delete(path);
    } catch (IOException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot take the share %s away: %s".formatted(path, e.getMessage()), e);
    }
  }

  /** An empty folder or file: anything else is somebody's data, and stays. */
  private static void delete(Path point) throws IOException {
    if (Files.isRegularFile(point, LinkOption.NOFOLLOW_LINKS) && Files.size(point) > 0) {
      throw new IOException(point + " is not empty");
    }
    Files.deleteIfExists(point);
  }
}
