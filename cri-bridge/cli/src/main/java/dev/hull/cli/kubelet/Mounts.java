package dev.hull.cli.kubelet;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The host's mounts. */
public interface Mounts {
  /** Mounts memory; {@code sizeBytes} 0 for the kernel's default. */
  void mountMemory(Path folder, long sizeBytes) throws IOException;

  void unmount(Path folder) throws IOException;

  /** Every mount point at or below a folder, innermost first. */
  List<Path> below(Path folder) throws IOException;
}
