package dev.hull.agent.stats;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hull.agent.linux.Libc;
import dev.hull.agent.linux.LinuxException;
import dev.hull.guest.v1.DiskStats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/** By lstat(2) and statfs(2), with the structures of x86-64. */
public final class NativeFileSystems implements FileSystems {
  private static final long LSTAT = 6;
  private static final long STATFS = 137;
  private static final int STAT_BYTES = 144;
  private static final int STAT_LINKS = 16;
  private static final int STAT_BLOCKS = 64;
  private static final int BLOCK = 512;
  private static final int STATFS_WORDS = 15;

  private final Libc libc;

  public NativeFileSystems(Libc libc) {
    this.libc = libc;
  }

  @Override
  public Optional<Inode> inode(Path file) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stat = arena.allocate(STAT_BYTES, Long.BYTES);
      String path = file.toString();
      libc.syscall("lstat", path, LSTAT, Libc.string(arena, path).address(), stat.address());
      return Optional.of(
          new Inode(stat.get(JAVA_LONG, STAT_BLOCKS) * BLOCK, stat.get(JAVA_LONG, STAT_LINKS)));
    } catch (LinuxException e) {
      return Optional.empty();
    }
  }

  @Override
  public Optional<DiskStats> space(Path folder) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment disk = arena.allocate(JAVA_LONG, STATFS_WORDS);
      String path = folder.toString();
      libc.syscall("statfs", path, STATFS, Libc.string(arena, path).address(), disk.address());
      // f_type, f_bsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree
      long block = disk.getAtIndex(JAVA_LONG, 1);
      return Optional.of(
          DiskStats.newBuilder()
              .setTotalBytes(disk.getAtIndex(JAVA_LONG, 2) * block)
              .setAvailableBytes(disk.getAtIndex(JAVA_LONG, 4) * block)
              .setInodes(disk.getAtIndex(JAVA_LONG, 5))
              .setFreeInodes(disk.getAtIndex(JAVA_LONG, 6))
              .build());
    } catch (LinuxException e) {
      return Optional.empty();
    }
  }
}
