package dev.hull.vm.journal;

import java.nio.file.Path;
import java.util.List;

/** What a machine sees on a disk that was plugged in for a container. */
public sealed interface DiskContent {
  /**
   * An image: a partition for each layer.
   *
   * @param layers lowest first
   */
  record Layers(List<Path> layers) implements DiskContent {
    public Layers {
      layers = List.copyOf(layers);
    }
  }

  /** A block device of the host, as it is. */
  record Device(Path path, boolean readOnly) implements DiskContent {}
}
