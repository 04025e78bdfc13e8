package dev.hull.guestimage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the kernel starts with: the first-stage init and the modules that it loads. */
final class Initramfs {
  /** In the order in which they are wanted; what they need comes before them by itself. */
  static final List<String> MODULES =
      List.of(
          "virtio_pci",
          "virtio_scsi",
          "sd_mod",
          "erofs",
          "virtio_console",
          "overlay",
          "ext4",
          "virtiofs",
          "virtio_net",
          "virtio_rng",
          "virtio_balloon");

  private Initramfs() {}

  static void write(Path file, Path init, List<Path> modules) throws IOException {
    StringBuilder list = new StringBuilder();
    try (Cpio cpio = new Cpio(Files.newOutputStream(file))) {
      cpio.directory("dev", 0755);
      // The kernel opens it before the init can mount anything.
      cpio.characterDevice("dev/console", 0600, 5, 1);
      cpio.directory("root", 0755);
      cpio.file("init", 0755, Files.readAllBytes(init));
      cpio.directory("modules", 0755);
      for (Path module : modules) {
        String name = module.getFileName().toString();
        cpio.file("modules/" + name, 0644, Files.readAllBytes(module));
        list.append(name).append('\n');
      }
      cpio.file("modules.list", 0644, list.toString().getBytes(StandardCharsets.UTF_8));
    }
  }
}
