package dev.hull.vm.libvirt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;

/** The one folder of libvirt that all real tests of a JVM must share. */
public final class LibvirtTestRoot {
  private LibvirtTestRoot() {}

  public static Path path() {
    Path root =
        Path.of(
            System.getProperty("java.io.tmpdir"),
            "hull-libvirt-test-" + ProcessHandle.current().pid());
    try {
      if (!Files.exists(root)) {
        Files.createDirectories(root);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(root)));
      }
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
      return root;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(Path root) {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
