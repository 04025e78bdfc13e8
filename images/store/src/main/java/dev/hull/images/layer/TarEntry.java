package dev.hull.images.layer;

import dev.hull.images.erofs.Attributes;
import dev.hull.images.erofs.Extent;
import java.util.List;
import java.util.Optional;

/**
 * An entry of a tar; names are byte strings, as the tar has them.
 *
 * @param size of the file; what the tar holds of a sparse one is less
 * @param extents of a sparse file: ascending, within {@code size}
 */
record TarEntry(
    String name,
    Type type,
    Attributes attributes,
    long size,
    Optional<List<Extent>> extents,
    String linkName,
    int major,
    int minor) {

  enum Type {
    FILE,
    HARD_LINK,
    SYMLINK,
    CHARACTER_DEVICE,
    BLOCK_DEVICE,
    DIRECTORY,
    FIFO
  }
}
