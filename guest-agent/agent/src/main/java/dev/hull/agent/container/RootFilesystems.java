package dev.hull.agent.container;

import dev.hull.agent.linux.Mounts;
import dev.hull.agent.users.PodUsers;
import dev.hull.guest.v1.DiskAddress;
import dev.hull.guest.v1.RootFilesystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** Makes the root of a container: an overlay of its layers under a folder of the scratch disk. */
final class RootFilesystems {
  private final Layers layers;
  private final Mounts mounts;
  private final PodUsers users;
  private final Path run;

  /**
   * @param run {@code /run/hull}
   */
  RootFilesystems(Layers layers, Mounts mounts, PodUsers users, Path run) {
    this.layers = layers;
    this.mounts = mounts;
    this.users = users;
    this.run = run;
  }

  /** Mounts it; what has to be undone goes onto {@code undo}. */
  Path mount(String id, RootFilesystem spec, Undo undo)
      throws IOException, InterruptedException, TimeoutException {
    List<Path> lower = layers(spec.getDisk(), spec.getLayerPartitionsList(), undo);
    Path top = lower.getFirst();

    Path scratch = run.resolve("scratch").resolve(id);
    undo.push(() -> FileTrees.delete(scratch));
    Path upper = Files.createDirectories(scratch.resolve("upper"));
    Path work = Files.createDirectories(scratch.resolve("work"));
    // The upper folder is what the container sees as "/".
    Files.setPosixFilePermissions(
        upper,
        Files.exists(top)
            ? Files.getPosixFilePermissions(top)
            : PosixFilePermissions.fromString("rwxr-xr-x"));
    users.give(upper);

    Path container = run.resolve("containers").resolve(id);
    undo.push(() -> Files.deleteIfExists(container));
    Path root = container.resolve("root");
    overlay(
        root, 0, "lowerdir=%s,upperdir=%s,workdir=%s".formatted(joined(lower), upper, work), undo);
    return root;
  }

  /**
   * Mounts an image's layers to be seen in a container, which cannot change them.
   *
   * @param number tells the container's own such mounts apart
   * @param partitions lowest layer first
   */
  Path mountReadonly(String id, int number, DiskAddress disk, List<Integer> partitions, Undo undo)
      throws IOException, InterruptedException, TimeoutException {
    List<Path> lower = layers(disk, partitions, undo);
    // An overlay without an upper folder wants two at least; the lowest is nobody's.
    lower.add(Files.createDirectories(run.resolve("layers/none")));
    Path root = run.resolve("containers").resolve(id).resolve("image-" + number);
    overlay(root, Mounts.READ_ONLY | Mounts.NO_DEV, "lowerdir=" + joined(lower), undo);
    return root;
  }

  /** The uppermost first, as the kernel wants them. */
  private List<Path> layers(DiskAddress disk, List<Integer> partitions, Undo undo)
      throws IOException, InterruptedException, TimeoutException {
    List<Path> found = new ArrayList<>();
    for (int partition : partitions) {
      Layers.Lease layer = layers.acquire(disk, partition);
      undo.push(layer::close);
      found.addFirst(layer.path());
    }
    return found;
  }

  private static String joined(List<Path> folders) {
    return folders.stream().map(Path::toString).collect(Collectors.joining(":"));
  }

  private void overlay(Path target, long flags, String options, Undo undo) throws IOException {
    Files.createDirectories(target);
    undo.push(() -> Files.deleteIfExists(target));
    mounts.mount("overlay", target.toString(), "overlay", flags, options);
    undo.push(() -> mounts.unmount(target.toString(), Mounts.DETACH));
  }

  /** What the container has written. */
  Path writableLayer(String id) {
    return run.resolve("scratch").resolve(id).resolve("upper");
  }
}
