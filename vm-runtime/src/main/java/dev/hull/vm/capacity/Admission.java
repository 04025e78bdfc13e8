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
  private final long lendableMib;
  private final Map<String, Promise> promised = new HashMap<>();

  /** A machine may be larger than asked for; what is beyond is lent. */
  private record Promise(long askedMib, long givenMib) {
    static Promise of(MachineSize asked, MachineSize given) {
      return new Promise(
          (long) asked.memoryMib() + OVERHEAD_MIB, (long) given.memoryMib() + OVERHEAD_MIB);
    }

    long lentMib() {
      return givenMib - askedMib;
    }
  }

  /**
   * @param reserveMib what is left to the host
   * @param lendableMib what machines may have beyond what was asked for, all together: so much less
   *     room is there for others than their limits say
   */
  public Admission(FreeMemory free, Usage usage, int reserveMib, long lendableMib) {
    this.free = free;
    this.usage = usage;
    this.reserveMib = reserveMib;
    this.lendableMib = lendableMib;
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
    promised.put(name, Promise.of(size, size));
  }

  /**
   * A machine that has been admitted is to have another size. Less always fits. EXHAUSTED if it
   * does not fit, or lends too much; then nothing changes.
   *
   * @param asked what it needs
   * @param given what it gets, which is at least that
   */
  public synchronized void resize(String name, MachineSize asked, MachineSize given) {
    Promise before = promised.getOrDefault(name, new Promise(0, 0));
    Promise after = Promise.of(asked, given);
    long resident = usage.residentMib(name);
    long more = outstandingMib(after, resident) - outstandingMib(before, resident);
    long fits = Math.max(0, free.availableMib() - outstandingMib() - reserveMib);
    if (more > 0 && more > fits) {
      throw new MachineException(
          Kind.EXHAUSTED,
          "cannot grow machine %s to %d MiB: it needs %d MiB more, and %d MiB are left; stop a pod or ask for less"
              .formatted(name, given.memoryMib(), more, fits));
    }
    long lent = promised.values().stream().mapToLong(Promise::lentMib).sum() - before.lentMib();
    if (after.lentMib() > before.lentMib() && lent + after.lentMib() > lendableMib) {
      throw new MachineException(
          Kind.EXHAUSTED,
          "machine %s is not made larger than asked for: %d of %d MiB that may be lent are"
              .formatted(name, lent, lendableMib));
    }
    promised.put(name, after);
  }

  /** A machine that runs already, found after a restart: counted without being asked. */
  public synchronized void adopt(String name, MachineSize asked, MachineSize given) {
    promised.put(name, Promise.of(asked, given));
  }

  /** The machine is gone. Does nothing the second time. */
  public synchronized void release(String name) {
    promised.remove(name);
  }

  private long outstandingMib() {
    long sum = 0;
    for (Map.Entry<String, Promise> machine : promised.entrySet()) {
      sum += outstandingMib(machine.getValue(), usage.residentMib(machine.getKey()));
    }
    return sum;
  }

  private static long outstandingMib(Promise promise, long residentMib) {
    return Math.max(0, promise.givenMib() - residentMib);
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
