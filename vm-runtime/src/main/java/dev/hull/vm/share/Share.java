package dev.hull.vm.share;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * What a running machine sees of its host: a volume is bound into the tree of the machine's
 * virtiofsd and seen by the guest at once. All methods are idempotent; the caller serialises them.
 */
public final class Share {
  // Mounts can be stacked at one place; a bound against a table that never gets shorter.
  private static final int MAX_STACKED = 1024;

  private final ShareFolder folder;
  private final Mounts mounts;
  private final Supplier<OptionalLong> virtiofsd;

  /**
   * @param virtiofsd finds the process that serves the folder, if there is one; it need not stay
   *     the same
   */
  public Share(ShareFolder folder, Mounts mounts, Supplier<OptionalLong> virtiofsd) {
    this.folder = folder;
    this.mounts = mounts;
    this.virtiofsd = virtiofsd;
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
   * cross into a guest, UNAVAILABLE while no virtiofsd serves the tree.
   */
  public Volume bind(int number, Path source, View view) {
    Path real = demandShareable(source);
    Path target = ShareFolder.point(number);
    try {
      Mounts.Server server =
          server()
              .orElseThrow(
                  () ->
                      new MachineException(
                          Kind.UNAVAILABLE,
                          "cannot share %s: no virtiofsd serves %s any more"
                              .formatted(source, folder.path())));
      unmount(server, target);
      folder.make(number, Files.isDirectory(real));
      mounts.bind(server, real, target, view);
      boolean readonly =
          switch (view.access()) {
            case READ_WRITE -> false;
            case READ_ONLY -> !view.follows() && mounts.below(server, target).size() == 1;
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
    return ShareFolder.point(number).toString();
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
    try {
      Optional<Mounts.Server> server = server();
      if (server.isPresent()) {
        unmount(server.get(), ShareFolder.point(number));
      }
      folder.remove(number);
    } catch (IOException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot take volume %d out of %s".formatted(number, folder.path()), e);
    }
  }

  private Optional<Mounts.Server> server() {
    OptionalLong pid = virtiofsd.get();
    return pid.isPresent()
        ? Optional.of(new Mounts.Server(pid.getAsLong(), folder.path()))
        : Optional.empty();
  }

  private void unmount(Mounts.Server server, Path target) throws IOException {
    for (int i = 0; i < MAX_STACKED; i++) {
      List<Path> mounted = mounts.below(server, target);
      if (mounted.isEmpty()) {
        return;
      }
      mounts.detach(server, mounted.getLast());
    }
    throw new IOException("cannot unmount " + target);
  }
}
