package dev.hull.agent.machine;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes into use what the host has plugged in. The kernel finds it by itself, but leaves CPUs, and
 * memory unless it is told otherwise, to udev, which there is none of here (Linux:
 * Documentation/core-api/cpu_hotplug.rst, admin-guide/mm/memory-hotplug.rst).
 */
public final class Growth {
  private static final long PAUSE_NANOS = 2_000_000;

  private final Path cpus;
  private final Path memory;
  private final ReentrantLock lock = new ReentrantLock();
  // Blocks that are online: memory does not go away again.
  private final Set<Path> known = new HashSet<>();

  /**
   * @param sys {@code /sys}
   */
  public Growth(Path sys) {
    this.cpus = sys.resolve("devices/system/cpu");
    this.memory = sys.resolve("devices/system/memory");
  }

  /**
   * Returns when so much is online.
   *
   * @param bootedBytes the memory that the machine started with
   * @param pluggedBytes the memory that has come to it
   * @throws TimeoutException if it has not come by then, or the kernel does not take it; may be
   *     called again
   */
  void await(int vcpus, long bootedBytes, long pluggedBytes, Duration deadline)
      throws IOException, TimeoutException {
    lock.lock();
    try {
      long end = System.nanoTime() + deadline.toNanos();
      while (true) {
        boolean hasCpus = online(vcpus);
        boolean hasMemory = online(bootedBytes, pluggedBytes);
        if (hasCpus && hasMemory) {
          return;
        }
        if (System.nanoTime() >= end) {
          throw new TimeoutException(
              "the guest has not come to %d CPUs and %d more bytes of memory after %d ms; CPUs %s are online, of %s"
                  .formatted(
                      vcpus,
                      pluggedBytes,
                      deadline.toMillis(),
                      read(cpus.resolve("online")),
                      read(cpus.resolve("present"))));
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean online(int vcpus) throws IOException {
    BitSet online = cpuList("online");
    BitSet waiting = cpuList("present");
    waiting.andNot(online);
    int missing = vcpus - online.cardinality();
    for (int cpu = waiting.nextSetBit(0);
        cpu >= 0 && missing > 0;
        cpu = waiting.nextSetBit(cpu + 1)) {
      if (switchOn(cpus.resolve("cpu" + cpu).resolve("online"), "1")) {
        missing--;
      }
    }
    return missing <= 0;
  }

  /** A list as of cpuset(7): {@code 0-3,7}. */
  private BitSet cpuList(String name) throws IOException {
    BitSet set = new BitSet();
    for (String range : read(cpus.resolve(name)).split(",", -1)) {
      int dash = range.indexOf('-');
      if (dash >= 0) {
        set.set(
            Integer.parseInt(range, 0, dash, 10),
            Integer.parseInt(range, dash + 1, range.length(), 10) + 1);
      } else if (!range.isEmpty()) {
        set.set(Integer.parseInt(range));
      }
    }
    return set;
  }

  private boolean online(long bootedBytes, long pluggedBytes) throws IOException {
    if (pluggedBytes == 0) {
      return true;
    }
    long block = Long.parseLong(read(memory.resolve("block_size_bytes")), 16);
    // The last block of what it booted with may be only a part of one.
    long wanted = Math.ceilDiv(bootedBytes, block) + Math.ceilDiv(pluggedBytes, block);
    long online = 0;
    try (DirectoryStream<Path> blocks = Files.newDirectoryStream(memory, "memory[0-9]*")) {
      for (Path each : blocks) {
        if (known.contains(each) || isOnline(each)) {
          known.add(each);
          online++;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return online >= wanted;
  }

  private static boolean isOnline(Path block) throws IOException {
    Path state = block.resolve("state");
    try {
      return switch (read(state)) {
        case "online" -> true;
        case "offline" -> switchOn(state, "online");
        // On its way, by the kernel.
        default -> false;
      };
    } catch (NoSuchFileException e) {
      // Still being made.
      return false;
    }
  }

  /** False if the kernel does not do it now. */
  private static boolean switchOn(Path file, String word) {
    try {
      Files.writeString(file, word, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file).strip();
  }
}
