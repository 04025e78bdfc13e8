package dev.hull.cli.daemon;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.UnixSocket;
import dev.hull.cli.kubelet.Mounts;
import dev.hull.cli.kubelet.PodFolder;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A daemon inside this process, for one command. Its root is a new folder that goes with it, unless
 * the caller named one. Closing it does not stop pods: whoever started them removes them first.
 */
public final class OwnDaemon implements AutoCloseable {
  private final Path root;
  private boolean temporary;
  private final Mounts mounts;
  private final Consumer<String> complaints;
  private final DaemonProvider.Daemon daemon;
  private final Cri cri;

  private OwnDaemon(
      Path root,
      boolean temporary,
      Mounts mounts,
      Consumer<String> complaints,
      DaemonProvider.Daemon daemon,
      Cri cri) {
    this.root = root;
    this.temporary = temporary;
    this.mounts = mounts;
    this.complaints = complaints;
    this.daemon = daemon;
    this.cri = cri;
  }

  /** Where its root is. */
  public sealed interface Root {
    /** A folder that stays, images and all. */
    record Kept(Path keep) implements Root {}

    /**
     * A new folder below {@code parent}, which goes at the end; or one that is left there by a
     * command that was killed: what runs in it is removed first, and it goes at the end as well.
     */
    record Temporary(Path parent) implements Root {}
  }

  /** Starts it, and returns when it answers. */
  public static OwnDaemon start(
      DaemonProvider provider,
      Root where,
      Path guestImage,
      String hypervisor,
      Mounts mounts,
      Consumer<String> complaints)
      throws HostException {
    return switch (where) {
      case Root.Kept(Path keep) ->
          start(
              provider,
              keep.toAbsolutePath().normalize(),
              false,
              guestImage,
              hypervisor,
              mounts,
              complaints);
      case Root.Temporary(Path parent) -> {
        LeftRoots left = new LeftRoots(parent.toAbsolutePath(), mounts, complaints);
        // One, because libvirt can be opened for one root only in the life of a process.
        Optional<Path> found = left.find();
        if (found.isPresent()) {
          OwnDaemon daemon =
              left.takeOver(
                  found.get(),
                  root -> start(provider, root, true, guestImage, hypervisor, mounts, complaints));
          left.clear(daemon.cri, found.get());
          yield daemon;
        }
        // Short, because sockets lie below it, and their paths have at most 107 bytes.
        Path root = parent.toAbsolutePath().resolve(UUID.randomUUID().toString().substring(0, 8));
        try {
          yield start(provider, root, true, guestImage, hypervisor, mounts, complaints);
        } catch (HostException | RuntimeException e) {
          delete(root, mounts, complaints);
          throw e;
        }
      }
    };
  }

  private static OwnDaemon start(
      DaemonProvider provider,
      Path root,
      boolean temporary,
      Path guestImage,
      String hypervisor,
      Mounts mounts,
      Consumer<String> complaints)
      throws HostException {
    try {
      Files.createDirectories(root);
      // QEMU's own user finds its files below; it needs to pass, not to look.
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
    } catch (IOException e) {
      throw new HostException("cannot make " + root + ": " + e.getMessage(), e);
    }
    Path socket = root.resolve("hull.sock");
    DaemonProvider.Daemon daemon =
        provider.start(new DaemonProvider.Options(socket, root, guestImage, hypervisor, false));
    return new OwnDaemon(root, temporary, mounts, complaints, daemon, UnixSocket.connect(socket));
  }

  public Path root() {
    return root;
  }

  public Cri cri() {
    return cri;
  }

  /** Leaves the root where it is: something in it is still in use. */
  public void keepRoot() {
    temporary = false;
  }

  @Override
  public void close() {
    cri.close();
    daemon.close();
    if (temporary) {
      delete(root, mounts, complaints);
    }
  }

  private static void delete(Path root, Mounts mounts, Consumer<String> complaints) {
    try {
      PodFolder.deleteTree(root, mounts);
    } catch (IOException e) {
      complaints.accept("cannot remove " + root + ": " + e.getMessage());
    }
  }
}
