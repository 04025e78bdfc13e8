package dev.hull.vm.libvirt;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where libvirt's QEMU driver lives and what it starts.
 *
 * @param root a folder of its own; its parents must let QEMU's user through. One process at a time
 *     can use it
 * @param libvirtd whose driver it is; empty for one inside this process, under {@code root}
 * @param user QEMU's user and group; in group {@code kvm} where there is one
 * @param pinned whether calls into libvirt stay on one CPU, see {@link Affinity}
 */
public record LibvirtConfig(
    Path root,
    Optional<LibvirtUri> libvirtd,
    Path emulator,
    Path virtiofsd,
    String user,
    boolean pinned) {
  /** The user that {@code ./hull} makes for QEMU. */
  public static final String DEFAULT_USER = "hull-qemu";

  private static final Path LIBVIRTD_LOGS = Path.of("/var/log/libvirt/qemu");
  private static final Path LIBVIRTD_LIBRARY = Path.of("/var/lib/libvirt/qemu");

  public LibvirtConfig {
    if (!root.isAbsolute()) {
      throw new IllegalArgumentException("must be an absolute path: " + root);
    }
  }

  /** The driver inside this process, with the programs where Debian has them. */
  public static LibvirtConfig embedded(Path root) {
    return of(root, Optional.empty());
  }

  /** The driver of a libvirtd, with the programs where Debian has them. */
  public static LibvirtConfig of(Path root, Optional<LibvirtUri> libvirtd) {
    return new LibvirtConfig(
        root,
        libvirtd,
        Path.of("/usr/bin/qemu-system-x86_64"),
        Path.of("/usr/lib/qemu/virtiofsd"),
        DEFAULT_USER,
        libvirtd.isEmpty() && Files.exists(Path.of("/dev/kvm")));
  }

  /** The same with another driver. */
  LibvirtConfig with(Optional<LibvirtUri> other) {
    return new LibvirtConfig(root, other, emulator, virtiofsd, user, pinned);
  }

  /** Pid files and the status of each domain. */
  Path stateFolder() {
    return libvirtd.map(LibvirtUri::folder).orElse(root.resolve("run/qemu"));
  }

  /** What QEMU and virtiofsd write to their standard error. */
  Path logFolder() {
    return libvirtd.isPresent() ? LIBVIRTD_LOGS : root.resolve("log/qemu");
  }

  /** A folder for each domain, and one for its channels. */
  Path libraryFolder() {
    return libvirtd.isPresent() ? LIBVIRTD_LIBRARY : root.resolve("lib/qemu");
  }
}
