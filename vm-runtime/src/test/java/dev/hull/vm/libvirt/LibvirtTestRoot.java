package dev.hull.vm.libvirt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The one folder of libvirt that all real tests of a JVM must share. */
public final class LibvirtTestRoot {
  private LibvirtTestRoot() {}

  public static Path path() {
    Path root =
        Path.of(
            System.getProperty("java.io.tmpdir"),
            "hull-libvirt-test-" + ProcessHandle.current().pid());
    try {
      Files.createDirectories(root);
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
      return root;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
