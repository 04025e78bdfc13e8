package dev.hull.vm.machine;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.share.ShareFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** All paths of one machine. */
record MachineFolder(Path path) {
  private static final String JOURNAL = "journal";

  ShareFolder share() {
    return new ShareFolder(path.resolve("share"));
  }

  Path scratch() {
    return path.resolve("scratch");
  }

  DomainSpec.Ports ports() {
    return DomainSpec.Ports.in(path);
  }

  DomainSpec.Console console() {
    return new DomainSpec.Console(path.resolve("console.sock"), path.resolve("console.log"));
  }

  /** Names a block device of the host that is plugged in. */
  Path deviceNode(int unit) {
    return path.resolve("device-" + unit);
  }

  /** There only while a template's state comes in. */
  private Path incoming() {
    return path.resolve("state");
  }

  static String imageDisk(int unit) {
    return "image-" + unit;
  }

  /** QEMU's user has to reach its files in it, and nobody has to list them. */
  void letThrough() {
    try {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
    } catch (IOException e) {
      throw new MachineException(Kind.INTERNAL, "cannot set the mode of " + path, e);
    }
  }

  /** Deletes what only a running machine needs: all but journal and console log. */
  void deleteRunning() {
    delete(List.of(incoming().resolve("sock")));
    delete(
        files().stream()
            .filter(file -> !isNamed(file, JOURNAL) && !isNamed(file, "console.log"))
            .toList());
  }

  /**
   * Deletes the folder, the journal last: a successor that still finds it goes on here. It never
   * descends into a folder, for one could be a mount of somebody's data.
   */
  void delete() {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    delete(List.of(incoming().resolve("sock")));
    delete(files().stream().filter(file -> !isNamed(file, JOURNAL)).toList());
    delete(List.of(path.resolve(JOURNAL), path));
  }

  private static boolean isNamed(Path file, String name) {
    return file.getFileName().toString().equals(name);
  }

  private List<Path> files() {
    try (Stream<Path> files = Files.list(path)) {
      return files.toList();
    } catch (IOException e) {
      throw new MachineException(Kind.INTERNAL, "cannot list " + path, e);
    }
  }

  private static void delete(List<Path> files) {
    for (Path file : files) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new MachineException(
            Kind.INTERNAL, "cannot delete %s: %s".formatted(file, e.getMessage()), e);
      }
    }
  }
}
