package dev.hull.tests.bench;

import dev.hull.tests.harness.MachineProcesses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What processes take of the host's memory, as the kernel counts it. */
final class HostMemory {
  private static final double KIB_PER_MIB = 1024;
  private static final double BYTES_PER_BLOCK = 512;

  /** How libvirt names the file behind the guest's memory, or we do where it has a copy. */
  private static final Pattern GUEST_MEMORY = Pattern.compile("memfd:|/dev/shm/hull/");

  private static final Pattern MAPPING = Pattern.compile("[0-9a-f]+-[0-9a-f]+ ");

  private HostMemory() {}

  /**
   * The proportional set size of the processes together: shared pages are divided among who shares
   * them.
   */
  static double pssMib(List<Long> pids) {
    return pids.stream().mapToDouble(pid -> field(pid, "smaps_rollup", "Pss:")).sum() / KIB_PER_MIB;
  }

  /**
   * What a machine takes: the proportional set size of its processes, and the pages of its memory
   * file that none of them has mapped.
   */
  static double idlePodMib(MachineProcesses processes) {
    double mapped = processes.all().stream().mapToDouble(HostMemory::guestMemoryPssMib).sum();
    double allocated = guestMemoryAllocatedMib(processes.qemu());
    return pssMib(processes.all()) + Math.max(0, allocated - mapped);
  }

  private static double guestMemoryPssMib(long pid) {
    boolean inGuestMemory = false;
    double kib = 0;
    try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "smaps"))) {
      for (String line : (Iterable<String>) lines::iterator) {
        if (MAPPING.matcher(line).lookingAt()) {
          inGuestMemory = GUEST_MEMORY.matcher(line).find();
        } else if (inGuestMemory && line.startsWith("Pss:")) {
          kib += Double.parseDouble(line.replaceAll("\\D+", ""));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return kib / KIB_PER_MIB;
  }

  /** By the blocks of the memory file, which QEMU keeps open. */
  private static double guestMemoryAllocatedMib(long qemu) {
    double mib = 0;
    try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(qemu), "fd"))) {
      for (Path descriptor : descriptors.toList()) {
        if (GUEST_MEMORY.matcher(Files.readSymbolicLink(descriptor).toString()).find()) {
          mib += allocatedMib(descriptor);
        }
      }
      return mib;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double allocatedMib(Path file) throws IOException {
    Process stat =
        new ProcessBuilder("stat", "-L", "-c", "%b", file.toString())
            .redirectErrorStream(true)
            .start();
    String blocks =
        new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return Long.parseLong(blocks) * BYTES_PER_BLOCK / (KIB_PER_MIB * KIB_PER_MIB);
  }

  static double rssMib(long pid) {
    return field(pid, "status", "VmRSS:") / KIB_PER_MIB;
  }

  /**
   * What the host could give to others without swapping (proc_meminfo(5), MemAvailable). All that
   * runs on the host changes it.
   */
  static double availableMib() {
    return field(Path.of("/proc/meminfo"), "MemAvailable:") / KIB_PER_MIB;
  }

  private static double field(long pid, String file, String name) {
    return field(Path.of("/proc", Long.toString(pid), file), name);
  }

  private static double field(Path file, String name) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .findFirst()
          .map(line -> Double.parseDouble(line.replaceAll("\\D+", "")))
          .orElseThrow(() -> new IllegalStateException(file + " has no " + name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
