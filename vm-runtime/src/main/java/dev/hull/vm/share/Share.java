package dev.hull.vm.share;

import dev.hull.vm.ContainerSpec.Mount.Access;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * The tree that one machine's virtiofsd serves: {@code volumes/N} for the N-th volume. A volume is
 * bound into it on the host and seen by the guest at once, since the tree is a shared mount and
 * virtiofsd's namespace has a copy of it. All methods are idempotent; the caller serialises them.
 */
public final class Share {
  // Mounts can be stacked at one place; a bound against a table that never gets shorter.
  private static final int MAX_STACKED = 1024;

  private final Path root;
  private final Mounts mounts;

  /**
   * @param root an absolute path; made by {@link #create}
   */
  public Share(Path root, Mounts mounts) {
    this.root = root;
    this.mounts = mounts;
  }

  public Path root() {
    return root;
  }

  /** Makes the tree, empty. */
  public void create() {
    try {
      Files.createDirectories(root.resolve("volumes"));
      if (mounts.below(root).isEmpty()) {
        mounts.bind(root, root, Access.READ_WRITE, true);
        mounts.makeShared(root);
      }
    } catch (IOException e) {
      throw new MachineException(Kind.INTERNAL, "cannot make the share " + root, e);
    }
  }

  /**
   * What {@link #bind} made.
   *
   * @param path below the share, as the agent is to be told it
   * @param readonly whether all of it is and stays so: then the guest may show it as such. What is
   *     read-only in part the host alone guards, for a guest sees one file system.
   */
  public record Volume(String path, boolean readonly) {}

  /**
   * Binds a file or folder of the host into the tree. INVALID for what does not exist or cannot
   * cross into a guest.
   *
   * @param follows whether mounts made below the source later appear in the guest
   */
  public Volume bind(int number, Path source, Access access, boolean follows) {
    Path real = demandShareable(source);
    Path target = target(number);
    try {
      unmount(target);
      if (Files.isDirectory(real)) {
        Files.createDirectories(target);
      } else if (!Files.exists(target)) {
        Files.createFile(target);
      }
      mounts.bind(real, target, access, follows);
      boolean readonly =
          switch (access) {
            case READ_WRITE -> false;
            case READ_ONLY -> !follows && mounts.below(target).size() == 1;
            case READ_ONLY_RECURSIVE -> true;
          };
      return new Volume(path(number), readonly);
    } catch (IOException e) {
      MachineException failure =
          new MachineException(Kind.INTERNAL, "cannot share " + source + ": " + e.getMessage(), e);
      try {
        release(number);
      } catch (MachineException undo) {
        failure.addSuppressed(undo);
      }
      throw failure;
    }
  }

  /** Where a volume is below the share. */
  public static String path(int number) {
    return "volumes/" + number;
  }

  private static Path demandShareable(Path source) {
    try {
      Path real = source.toRealPath();
      BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
      if (attributes.isOther()) {
        throw new MachineException(
            Kind.INVALID,
            "cannot mount %s: sockets, pipes and devices of the host do not work inside a machine; mount a folder or a file"
                .formatted(source));
      }
      return real;
    } catch (IOException e) {
      throw new MachineException(
          Kind.INVALID,
          "cannot mount %s: it does not exist or cannot be read on the host".formatted(source),
          e);
    }
  }

  /** Takes a volume out of the tree; its content on the host is not touched. */
  public void release(int number) {
    Path target = target(number);
    try {
      unmount(target);
      Files.deleteIfExists(target);
    } catch (IOException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot take volume " + number + " out of " + root, e);
    }
  }

  /** Takes everything away. Only what nothing is mounted on is deleted. */
  public void destroy() {
    try {
      for (int i = 0; i < MAX_STACKED; i++) {
        List<Path> mounted = mounts.below(root);
        if (mounted.isEmpty()) {
          break;
        }
        mounts.detach(mounted.getLast());
      }
      demandUnmounted();
      if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
        return;
      }
      Path volumes = root.resolve("volumes");
      if (Files.isDirectory(volumes, LinkOption.NOFOLLOW_LINKS)) {
        // Mount points are empty folders and empty files: a delete that fails shows that this is
        // not so, and that somebody's data would have been lost.
        try (var points = Files.newDirectoryStream(volumes)) {
          for (Path point : points) {
            if (!Files.isDirectory(point, LinkOption.NOFOLLOW_LINKS) && Files.size(point) > 0) {
              throw new IOException(point + " is not empty");
            }
            Files.delete(point);
          }
        }
        Files.delete(volumes);
      }
      Files.delete(root);
    } catch (IOException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot take the share %s away: %s".formatted(root, e.getMessage()), e);
    }
  }

  private void demandUnmounted() throws IOException {
    List<Path> mounted = mounts.below(root);
    if (!mounted.isEmpty()) {
      throw new IOException("still mounted: " + mounted);
    }
  }

  private void unmount(Path target) throws IOException {
    for (int i = 0; i < MAX_STACKED && !mounts.below(target).isEmpty(); i++) {
      mounts.detach(mounts.below(target).getLast());
    }
    if (!mounts.below(target).isEmpty()) {
      throw new IOException("cannot unmount " + target);
    }
  }

  private Path target(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("a volume's number must not be negative: " + number);
    }
    return root.resolve("volumes").resolve(Integer.toString(number));
  }
}
