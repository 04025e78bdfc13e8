package dev.hull.agent.container;

import dev.hull.guest.v1.ImageFiles;
import dev.hull.guest.v1.Mount;
import dev.hull.guest.v1.PodFile;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** What containers' mounts show: each mount's source, as a path of the guest. */
final class Volumes {
  /** For a mount that is a file system of its own. */
  private static final Path NONE = Path.of("");

  private final RootFilesystems roots;
  private final Replicas replicas;
  private final Layers.DiskFinder disks;
  private final Path run;

  /**
   * @param run {@code /run/hull}
   */
  Volumes(RootFilesystems roots, Replicas replicas, Layers.DiskFinder disks, Path run) {
    this.roots = roots;
    this.replicas = replicas;
    this.disks = disks;
    this.run = run;
  }

  /**
   * Makes what has to be made for a container; what has to be undone goes onto {@code undo}.
   *
   * @return the source of each mount
   */
  List<Path> prepare(String id, List<Mount> mounts, Undo undo)
      throws IOException, InterruptedException, TimeoutException {
    List<Path> sources = new ArrayList<>();
    for (Mount mount : mounts) {
      sources.add(
          switch (mount.getSourceCase()) {
            case SHARE_PATH -> run.resolve("share").resolve(mount.getSharePath());
            case REPLICA_SHARE_PATH -> replica(mount.getReplicaSharePath(), undo);
            case IMAGE -> image(id, sources.size(), mount.getImage(), undo);
            case BLOCK_DEVICE -> disks.await(mount.getBlockDevice());
            case POD_FILE -> run.resolve("pod").resolve(name(mount.getPodFile()));
            case TMPFS_BYTES -> NONE;
            case SOURCE_NOT_SET -> throw new IllegalArgumentException("a mount without a source");
          });
    }
    return sources;
  }

  private static String name(PodFile file) {
    return switch (file) {
      case POD_FILE_HOSTS -> "hosts";
      case POD_FILE_RESOLV_CONF -> "resolv.conf";
      case POD_FILE_HOSTNAME -> "hostname";
      case POD_FILE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("no such pod file");
    };
  }

  private Path replica(String sharePath, Undo undo) throws IOException {
    Path folder = replicas.make(sharePath);
    undo.push(() -> replicas.remove(sharePath));
    return folder;
  }

  private Path image(String id, int number, ImageFiles image, Undo undo)
      throws IOException, InterruptedException, TimeoutException {
    Path root =
        roots.mountReadonly(id, number, image.getDisk(), image.getLayerPartitionsList(), undo);
    return image.getSubPath().isEmpty() ? root : below(root, image.getSubPath());
  }

  /** The image cannot change, so that what is found here is what will be mounted. */
  private static Path below(Path root, String subPath) throws IOException {
    Path found;
    try {
      found = root.resolve(subPath).toRealPath();
    } catch (NoSuchFileException e) {
      throw Status.NOT_FOUND
          .withDescription("the image has no " + subPath + ": no such file or directory")
          .withCause(e)
          .asRuntimeException();
    }
    if (!found.startsWith(root.toRealPath())) {
      throw new IllegalArgumentException(
          "the image's " + subPath + " is a link that leads out of it: path escapes from parent");
    }
    if (!Files.isDirectory(found)) {
      throw new IllegalArgumentException(
          "the image's "
              + subPath
              + " is no folder, and only directory subpath is supported; name the folder it is in");
    }
    return found;
  }
}
