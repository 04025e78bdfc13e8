package dev.hull.agent.container;

import java.nio.file.Path;

/** Reads files of a container, whose content nobody can trust. */
interface RootFiles {
  /**
   * The text of a regular file; links are followed inside of {@code root} and never out of it.
   * Empty if there is no such file.
   *
   * @throws IllegalArgumentException if it is no regular file, or larger than {@code maxBytes}
   */
  String read(Path root, String path, int maxBytes);
}
