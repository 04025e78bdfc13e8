package dev.hull.guestimage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The modules that a guest may want while its pod runs (bridges, packet filters, file systems,
 * virtualization), and the table by which {@code modprobe} finds them; its form is told at the head
 * of {@code guest-agent/launcher/modprobe.c}. They cost room on the host's disk, and a machine's
 * memory only when something asks for one.
 */
final class OnDemandModules {
  /** Where the kernel looks for its helper unless it is told otherwise. */
  private static final String HELPER = "sbin/modprobe";

  private static final String FOLDER = "lib/modules";

  /** What a machine may have besides its hardware, which the first stage has loaded. */
  private static final List<String> WANTED =
      List.of(
          "kernel/arch/",
          "kernel/block/",
          "kernel/crypto/",
          "kernel/drivers/block/",
          "kernel/drivers/md/",
          "kernel/drivers/net/",
          "kernel/drivers/vhost/",
          "kernel/fs/",
          "kernel/lib/",
          "kernel/net/");

  /** Hardware that a machine never has. */
  private static final List<String> UNWANTED =
      List.of(
          "kernel/drivers/net/ethernet/",
          "kernel/drivers/net/hyperv/",
          "kernel/drivers/net/vmxnet3/",
          "kernel/drivers/net/wwan/",
          "kernel/drivers/net/xen",
          "kernel/drivers/block/xen");

  private OnDemandModules() {}

  /**
   * Puts them into the guest's root file system.
   *
   * @param helper where {@code modprobe} is in it, absolute
   */
  static void install(Path root, String helper, KernelModules modules) throws IOException {
    Path folder = Files.createDirectories(root.resolve(FOLDER));
    StringBuilder table = new StringBuilder();
    for (KernelModules.Module module : modules.below(WANTED, UNWANTED)) {
      List<Path> files = modules.inLoadingOrder(List.of(module.name()));
      for (Path file : files) {
        Path copy = folder.resolve(file.getFileName());
        if (Files.notExists(copy)) {
          Files.copy(file, copy);
        }
      }
      String order =
          files.stream().map(file -> " " + file.getFileName()).collect(Collectors.joining());
      for (String name : names(module)) {
        table.append(name).append(order).append('\n');
      }
    }
    Files.writeString(folder.resolve("on-demand"), table);
    Path link = root.resolve(HELPER);
    Files.createDirectories(root.resolve("sbin"));
    Files.createSymbolicLink(link, Path.of(helper));
  }

  /**
   * Aliases with a colon are of hardware on a bus, and nothing is plugged in that has no driver.
   */
  private static List<String> names(KernelModules.Module module) throws IOException {
    List<String> names = new ArrayList<>(List.of(module.name()));
    for (String alias : module.aliases()) {
      if (alias.indexOf(':') < 0 && alias.indexOf(' ') < 0) {
        names.add(alias);
      }
    }
    return names;
  }
}
