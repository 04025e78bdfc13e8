package dev.hull.vm.capacity;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lets a machine start only if its memory fits what the host has free. A guest's memory is taken
 * page by page as it touches it, so what has been promised to machines that are still growing is
 * counted too, until they stop.
 *
 * <p>Thread-safe; does not block.
 */
public final class Admission {
  /** What QEMU and virtiofsd take beside the guest's memory. */
  public static final int OVERHEAD_MIB = 96;

  /** What is left to the host. */
  public static final int DEFAULT_RESERVE_MIB = 256;

  private static final Pattern AVAILABLE =
      Pattern.compile("^MemAvailable:\\s+(\\d+) kB$", Pattern.MULTILINE);

  /** Asked for the host's memory in MiB that can be had without swapping. */
  @FunctionalInterface
  public interface FreeMemory {
    long availableMib();

    /** The kernel's own estimate (proc_meminfo(5), MemAvailable). */
    static FreeMemory ofHost() {
      return () -> parse(Path.of("/proc/meminfo"));
    }
  }

  /** What a machine has of its promised memory already. */
  @FunctionalInterface
  public interface Usage {
    /** Resident MiB of the machine {@code name}, guest memory included; 0 if unknown. */
    long residentMib(String name);
  }

  private final FreeMemory free;
  private final Usage usage;
  private final int reserveMib;
  private final Map<String, Long> promised = new HashMap<>();

  public Admission(FreeMemory free, Usage usage, int reserveMib) {
    this.free = free;
    this.usage = usage;
    this.reserveMib = reserveMib;
  }

  /**
   * Sets memory aside for a machine until {@link #release}; does nothing if that has been done.
   * EXHAUSTED if it does not fit.
   */
  public synchronized void admit(String name, MachineSize size) {
    if (promised.containsKey(name)) {
      return;
    }
    long wanted = (long) size.memoryMib() + OVERHEAD_MIB;
    long available = free.availableMib();
    long outstanding = outstandingMib();
    long fits = Math.max(0, available - outstanding - reserveMib);
    if (wanted > fits) {
      throw new MachineException(
          Kind.EXHAUSTED,
          ("cannot start machine %s: it needs %d MiB (%d for the guest, %d for QEMU), and %d MiB are left"
                  + " (%d available on the host, less %d promised to running machines, less %d kept for the host);"
                  + " stop a pod or lower its memory limits")
              .formatted(
                  name,
                  wanted,
                  size.memoryMib(),
                  OVERHEAD_MIB,
                  fits,
                  available,
                  outstanding,
                  reserveMib));
    }
    promised.put(name, wanted);
  }

  /** A machine that runs already, found after a restart: counted without being asked. */
  public synchronized void adopt(String name, MachineSize size) {
    promised.put(name, (long) size.memoryMib() + OVERHEAD_MIB);
  }

  /** The machine is gone. Does nothing the second time. */
  public synchronized void release(String name) {
    promised.remove(name);
  }

  private long outstandingMib() {
    long sum = 0;
    for (Map.Entry<String, Long> machine : promised.entrySet()) {
      sum += Math.max(0, machine.getValue() - usage.residentMib(machine.getKey()));
    }
    return sum;
  }

  static long parse(Path meminfo) {
    try {
      Matcher found = AVAILABLE.matcher(Files.readString(meminfo));
      if (!found.find()) {
        throw new IllegalStateException(meminfo + " has no line MemAvailable");
      }
      return Long.parseLong(found.group(1)) / 1024;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
