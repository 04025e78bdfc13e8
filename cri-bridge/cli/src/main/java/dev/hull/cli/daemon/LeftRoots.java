package dev.hull.cli.daemon;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.kubelet.Mounts;
import dev.hull.cli.kubelet.PodFolder;
import dev.hull.cli.kubelet.Sandboxes;
import dev.hull.cri.host.HostException;
import dev.hull.cri.v1.ListPodSandboxRequest;
import dev.hull.cri.v1.PodSandbox;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Roots of daemons for one command whose process was killed: a machine may run in them, and nobody
 * waits for it any more. The daemon's lock tells them from those in use, for it ends with its
 * process, however that ends.
 */
final class LeftRoots {
  private static final Pattern NAME = Pattern.compile("[0-9a-f]{8}");
  private static final String LOCK = "daemon.lock";

  /** In a root that could not be taken over, so that it does not stop every command after. */
  private static final String GIVEN_UP = "given-up";

  private final Path parent;
  private final Mounts mounts;
  private final Consumer<String> complaints;

  LeftRoots(Path parent, Mounts mounts, Consumer<String> complaints) {
    this.parent = parent;
    this.mounts = mounts;
    this.complaints = complaints;
  }

  /** Starts a daemon on a root. */
  interface Start {
    OwnDaemon on(Path root) throws HostException;
  }

  /** The first of them. */
  Optional<Path> find() {
    if (!Files.isDirectory(parent)) {
      return Optional.empty();
    }
    try (Stream<Path> roots = Files.list(parent)) {
      return roots
          .filter(root -> NAME.matcher(root.getFileName().toString()).matches())
          .filter(root -> !Files.exists(root.resolve(GIVEN_UP)))
          .sorted()
          .filter(LeftRoots::isLeft)
          .findFirst();
    } catch (IOException e) {
      complaints.accept("cannot look for what was left in " + parent + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /** One without the file is being made at this moment, or has nothing in it that runs. */
  private static boolean isLeft(Path root) {
    try (FileChannel file = FileChannel.open(root.resolve(LOCK), StandardOpenOption.WRITE);
        FileLock lock = file.tryLock()) {
      return lock != null;
    } catch (IOException | OverlappingFileLockException e) {
      return false;
    }
  }

  OwnDaemon takeOver(Path root, Start start) throws HostException {
    try {
      return start.on(root);
    } catch (HostException e) {
      if (isLeft(root)) {
        giveUp(root);
      }
      throw new HostException(
          "cannot take over %s, which a hull that was killed has left: %s; it will be left alone from now on, so try again"
              .formatted(root, e.getMessage()),
          e);
    }
  }

  private void giveUp(Path root) {
    try {
      Files.writeString(root.resolve(GIVEN_UP), "");
    } catch (IOException e) {
      complaints.accept("cannot mark " + root + ": " + e.getMessage());
    }
  }

  /** Removes its pods, and what they had on the host. */
  void clear(Cri cri, Path root) {
    complaints.accept("taking over " + root + ", which a hull that was killed has left");
    List<PodSandbox> pods =
        cri.runtime(
                Cri.QUICK, stub -> stub.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()))
            .getItemsList();
    Sandboxes sandboxes = new Sandboxes(cri);
    for (PodSandbox pod : pods) {
      try {
        sandboxes.stop(pod.getId(), Duration.ZERO);
        sandboxes.remove(pod.getId());
      } catch (CriException e) {
        complaints.accept(
            "cannot remove pod " + pod.getMetadata().getName() + ": " + e.getMessage());
      }
    }
    Path folders = root.resolve("pods");
    if (!Files.isDirectory(folders)) {
      return;
    }
    try (Stream<Path> uids = Files.list(folders)) {
      for (Path uid : uids.toList()) {
        PodFolder.of(root, uid.getFileName().toString(), mounts).remove();
      }
    } catch (IOException e) {
      complaints.accept("cannot remove the pods' folders in " + folders + ": " + e.getMessage());
    }
  }
}
