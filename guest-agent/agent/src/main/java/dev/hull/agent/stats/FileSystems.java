package dev.hull.agent.stats;

import dev.hull.guest.v1.DiskStats;
import java.nio.file.Path;
import java.util.Optional;

/** What the kernel tells of files and their disks, and the JDK does not. */
public interface FileSystems {
  /**
   * A file itself, not what a link leads to.
   *
   * @param bytes of blocks that are there
   * @param links how many names it has
   */
  record Inode(long bytes, long links) {}

  /** Empty if it is gone. */
  Optional<Inode> inode(Path file);

  /** The disk that {@code folder} is on; empty if it cannot be told. */
  Optional<DiskStats> space(Path folder);
}
