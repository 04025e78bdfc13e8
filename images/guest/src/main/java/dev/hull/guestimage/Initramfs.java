package dev.hull.guestimage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the kernel starts with: the first-stage init and the modules that it loads. */
final class Initramfs {
  /** What the root image is found and mounted with. */
  static final List<String> ROOT_MODULES = List.of("virtio_pci", "virtio_scsi", "sd_mod", "erofs");

  /** In the order in which they are wanted; what they need comes before them by itself. */
  static final List<String> FURTHER_MODULES =
      List.of(
          "virtio_console",
          "overlay",
          "ext4",
          "virtiofs",
          "virtio_net",
          "virtio_rng",
          "virtio_balloon");

  private Initramfs() {}

  static void write(Path file, Path init, KernelModules modules) throws IOException {
    List<Path> root = modules.inLoadingOrder(ROOT_MODULES);
    List<Path> further = new ArrayList<>(modules.inLoadingOrder(FURTHER_MODULES));
    further.removeAll(root);
    try (Cpio cpio = new Cpio(Files.newOutputStream(file))) {
      cpio.directory("dev", 0755);
      // The kernel opens it before the init can mount anything.
      cpio.characterDevice("dev/console", 0600, 5, 1);
      cpio.directory("root", 0755);
      cpio.file("init", 0755, Files.readAllBytes(init));
      cpio.directory("modules", 0755);
      for (Path module : Stream.concat(root.stream(), further.stream()).toList()) {
        cpio.file("modules/" + module.getFileName(), 0644, Files.readAllBytes(module));
      }
      String list = lines(root) + "\n" + lines(further);
      cpio.file("modules.list", 0644, list.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String lines(List<Path> modules) {
    return modules.stream()
        .map(module -> module.getFileName() + "\n")
        .collect(Collectors.joining());
  }
}
