package dev.hull.vm.machine;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.hypervisor.DomainSpec.Boot;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** What machines boot: a folder made by images/guest. */
public record GuestImage(Boot boot, Path root, String version) {
  /** INVALID if something is missing. */
  public static GuestImage read(Path folder) {
    Path absolute = folder.toAbsolutePath();
    Properties properties = new Properties();
    Path file = absolute.resolve("guest-image.properties");
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException e) {
      throw new MachineException(
          Kind.INVALID, "cannot read the guest image %s; build it anew".formatted(file), e);
    }
    return new GuestImage(
        new Boot(
            present(absolute.resolve("vmlinux")),
            present(absolute.resolve("initramfs")),
            property(properties, "kernel.cmdline", file)),
        present(absolute.resolve("root.erofs")),
        property(properties, "version", file));
  }

  private static Path present(Path file) {
    if (!Files.isReadable(file)) {
      throw new MachineException(
          Kind.INVALID, "the guest image lacks %s; build it anew".formatted(file));
    }
    return file;
  }

  private static String property(Properties properties, String name, Path file) {
    String value = properties.getProperty(name);
    if (value == null) {
      throw new MachineException(
          Kind.INVALID, "%s lacks the property %s; build the image anew".formatted(file, name));
    }
    return value;
  }
}
