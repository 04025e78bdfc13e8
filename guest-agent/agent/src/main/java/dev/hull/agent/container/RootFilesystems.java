package dev.hull.agent.container;

import dev.hull.agent.linux.Mounts;
import dev.hull.guest.v1.RootFilesystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** Makes the root of a container: an overlay of its layers under a folder of the scratch disk. */
final class RootFilesystems {
  private final Layers layers;
  private final Mounts mounts;
  private final Path run;

  /**
   * @param run {@code /run/hull}
   */
  RootFilesystems(Layers layers, Mounts mounts, Path run) {
    this.layers = layers;
    this.mounts = mounts;
    this.run = run;
  }

  /** Mounts it; what has to be undone goes onto {@code undo}. */
  Path mount(String id, RootFilesystem spec, Undo undo)
      throws IOException, InterruptedException, TimeoutException {
    List<String> lower = new ArrayList<>();
    Path top = run;
    for (int partition : spec.getLayerPartitionsList()) {
      Layers.Lease layer = layers.acquire(spec.getDisk(), partition);
      undo.push(layer::close);
      top = layer.path();
      lower.add(top.toString());
    }
    // The kernel wants the uppermost first.
    Collections.reverse(lower);

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

    Path container = run.resolve("containers").resolve(id);
    Path root = container.resolve("root");
    Files.createDirectories(root);
    undo.push(
        () -> {
          Files.deleteIfExists(root);
          Files.deleteIfExists(container);
        });
    mounts.mount(
        "overlay",
        root.toString(),
        "overlay",
        0,
        "lowerdir=%s,upperdir=%s,workdir=%s".formatted(String.join(":", lower), upper, work));
    undo.push(() -> mounts.unmount(root.toString(), Mounts.DETACH));
    return root;
  }

  /** What the container has written. */
  Path writableLayer(String id) {
    return run.resolve("scratch").resolve(id).resolve("upper");
  }
}
