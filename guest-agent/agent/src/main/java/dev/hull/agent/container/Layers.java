package dev.hull.agent.container;

import dev.hull.agent.linux.Errno;
import dev.hull.agent.linux.LinuxException;
import dev.hull.agent.linux.Mounts;
import dev.hull.guest.v1.DiskAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Image layers, mounted once and shared by all containers that have them. */
final class Layers {
  private static final Duration PARTITION_DEADLINE = Duration.ofSeconds(10);
  private static final long PAUSE_MILLIS = 2;

  /**
   * What a partition says whose file is there and which itself is not: it belongs to the disk that
   * was in this place before, or the kernel reads the table once more.
   */
  private static final Set<Errno> GONE = Set.of(Errno.ENXIO, Errno.ENOENT);

  /** Where disks are found. */
  @FunctionalInterface
  interface DiskFinder {
    /** The device file, {@code /dev/sdb}; waits for a disk that is still arriving. */
    Path await(DiskAddress address) throws IOException, TimeoutException;
  }

  private record Key(String disk, int partition) {
    static Key of(DiskAddress disk, int partition) {
      return new Key(
          disk.getController() + "." + disk.getTarget() + "." + disk.getUnit(), partition);
    }
  }

  private final DiskFinder disks;
  private final Mounts mounts;
  private final Consumer<Path> show;
  private final Path folder;
  private final Map<Key, Integer> uses = new HashMap<>();
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * @param show makes what is mounted at a path the containers'
   * @param folder {@code /run/hull/layers}
   */
  Layers(DiskFinder disks, Mounts mounts, Consumer<Path> show, Path folder) {
    this.disks = disks;
    this.mounts = mounts;
    this.show = show;
    this.folder = folder;
  }

  /** A layer that stays mounted until it is closed. */
  final class Lease implements AutoCloseable {
    private final Key key;
    private boolean open = true;

    private Lease(Key key) {
      this.key = key;
    }

    Path path() {
      return pathOf(key);
    }

    @Override
    public void close() {
      lock.lock();
      try {
        if (open) {
          open = false;
          release(key);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** Mounts the partition if it is not, waiting for the disk. */
  Lease acquire(DiskAddress disk, int partition)
      throws IOException, InterruptedException, TimeoutException {
    Key key = Key.of(disk, partition);
    lock.lockInterruptibly();
    try {
      if (!uses.containsKey(key)) {
        mount(disk, partition, pathOf(key));
        show(pathOf(key));
      }
      uses.merge(key, 1, Integer::sum);
      return new Lease(key);
    } finally {
      lock.unlock();
    }
  }

  private void show(Path mounted) {
    try {
      show.accept(mounted);
    } catch (LinuxException e) {
      try {
        mounts.unmount(mounted.toString(), Mounts.DETACH);
      } catch (LinuxException gone) {
        e.addSuppressed(gone);
      }
      throw e;
    }
  }

  private void mount(DiskAddress disk, int partition, Path target)
      throws IOException, InterruptedException, TimeoutException {
    Files.createDirectories(target);
    long end = System.nanoTime() + PARTITION_DEADLINE.toNanos();
    while (true) {
      Path device = awaitPartition(disks.await(disk), partition);
      try {
        mounts.mount(
            device.toString(),
            target.toString(),
            "erofs",
            Mounts.READ_ONLY | Mounts.NO_ATIME | Mounts.NO_DEV,
            "");
        return;
      } catch (LinuxException e) {
        if (!GONE.contains(e.errno()) || System.nanoTime() > end) {
          throw new IOException(
              "layer %d of the image's disk cannot be mounted: %s"
                  .formatted(partition, e.getMessage()),
              e);
        }
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** The kernel reads the partition table after the disk has appeared. */
  private static Path awaitPartition(Path disk, int partition)
      throws InterruptedException, TimeoutException {
    Path device = disk.resolveSibling(disk.getFileName() + Integer.toString(partition));
    long end = System.nanoTime() + PARTITION_DEADLINE.toNanos();
    while (!Files.exists(device)) {
      if (System.nanoTime() > end) {
        throw new TimeoutException(
            "%s has no partition %d after %d ms"
                .formatted(disk, partition, PARTITION_DEADLINE.toMillis()));
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    return device;
  }

  private void release(Key key) {
    int left = uses.getOrDefault(key, 1) - 1;
    if (left > 0) {
      uses.put(key, left);
      return;
    }
    uses.remove(key);
    // Detached: an overlay that is still being torn down keeps it busy for a moment.
    mounts.unmount(pathOf(key).toString(), Mounts.DETACH);
  }

  private Path pathOf(Key key) {
    return folder.resolve(key.disk()).resolve(Integer.toString(key.partition()));
  }
}
