package dev.hull.vm.libvirt;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.hypervisor.Acceleration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** What a saved state depends on beside the files that it was saved with. */
final class Kinship {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  private Kinship() {}

  static String of(
      Path emulator, String libvirtVersion, Acceleration acceleration, String domainShape) {
    try {
      return String.join(
          "\n",
          emulator + " " + Files.size(emulator) + " " + Files.getLastModifiedTime(emulator),
          libvirtVersion,
          domainShape,
          switch (acceleration) {
            case KVM -> processor();
            // The emulated one is part of QEMU.
            case TCG -> "";
          });
    } catch (IOException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot see what machines depend on: " + e.getMessage(), e);
    }
  }

  /** The guest has chosen by what this host's processor can do. */
  private static String processor() throws IOException {
    return Files.readAllLines(PROCESSORS).stream()
        .filter(line -> line.matches("(model name|microcode|flags|bugs)\\s*:.*"))
        .distinct()
        .collect(Collectors.joining("\n"));
  }
}
