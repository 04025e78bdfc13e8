package dev.hull.cli.kubelet;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The host's mounts. */
public interface Mounts {
  /** Mounts memory; {@code sizeBytes} 0 for the kernel's default. */
  void mountMemory(Path folder, long sizeBytes) throws IOException;

  /**
   * Mounts a file or folder at another place, which is made.
   *
   * @return the place within its file system that was mounted, which is not {@code source} if
   *     somebody exchanged it meanwhile
   */
  Path bind(Path source, Path target) throws IOException;

  /** The place of a file or folder within its file system. */
  Path origin(Path path) throws IOException;

  void unmount(Path folder) throws IOException;

  /** Every mount point at or below a folder, innermost first. */
  List<Path> below(Path folder) throws IOException;
}
