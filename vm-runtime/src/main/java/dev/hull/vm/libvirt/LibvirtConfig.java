package dev.hull.vm.libvirt;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the embedded driver lives and what it starts.
 *
 * @param root a folder of its own; its parents must let QEMU's user through. One process at a time
 *     can use it
 * @param user QEMU's user and group; in group {@code kvm} where there is one
 * @param pinned whether calls into libvirt stay on one CPU, see {@link Affinity}
 */
public record LibvirtConfig(Path root, Path emulator, Path virtiofsd, String user, boolean pinned) {
  /** The user that {@code ./hull} makes for QEMU. */
  public static final String DEFAULT_USER = "hull-qemu";

  public LibvirtConfig {
    if (!root.isAbsolute()) {
      throw new IllegalArgumentException("must be an absolute path: " + root);
    }
  }

  /** With the programs where Debian has them. */
  public static LibvirtConfig defaults(Path root) {
    return new LibvirtConfig(
        root,
        Path.of("/usr/bin/qemu-system-x86_64"),
        Path.of("/usr/lib/qemu/virtiofsd"),
        DEFAULT_USER,
        Files.exists(Path.of("/dev/kvm")));
  }

  /** Pid files and the status of each domain. */
  Path stateFolder() {
    return root.resolve("run/qemu");
  }

  /** What QEMU and virtiofsd write to their standard error. */
  Path logFolder() {
    return root.resolve("log/qemu");
  }
}
