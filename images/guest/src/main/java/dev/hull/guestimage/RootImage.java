package dev.hull.guestimage;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Writes a tree as an EROFS image, uncompressed: decompression costs more than the reads it saves.
 */
final class RootImage {
  private static final Duration DEADLINE = Duration.ofMinutes(5);

  private RootImage() {}

  static void write(Path image, Path tree) {
    Command.run(
        tree,
        DEADLINE,
        List.of(
            "mkfs.erofs",
            "--all-root",
            "-T" + RootTree.TIME.getEpochSecond(),
            image.toString(),
            tree.toString()));
  }
}
