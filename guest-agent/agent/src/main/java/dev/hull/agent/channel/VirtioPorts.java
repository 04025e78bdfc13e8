package dev.hull.agent.channel;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Finds virtio-serial ports by the names that the host gave them; without udev no link does. */
public final class VirtioPorts {
  private static final long PAUSE_NANOS = 2_000_000;

  private final Path sysClass;
  private final Path dev;

  /**
   * @param sysClass {@code /sys/class/virtio-ports}
   * @param dev {@code /dev}
   */
  public VirtioPorts(Path sysClass, Path dev) {
    this.sysClass = sysClass;
    this.dev = dev;
  }

  /**
   * The device file of the port with this name; waits for it, for the device tells its ports one by
   * one after its driver has loaded.
   */
  public Path await(String name, Duration deadline) throws IOException {
    long end = System.nanoTime() + deadline.toNanos();
    while (true) {
      Optional<Path> device = find(name);
      if (device.isPresent()) {
        return device.get();
      }
      if (System.nanoTime() >= end) {
        throw new IOException(
            "no virtio-serial port is named %s after %d ms; the host must give the machine one"
                .formatted(name, deadline.toMillis()));
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private Optional<Path> find(String name) throws IOException {
    try (DirectoryStream<Path> ports = Files.newDirectoryStream(sysClass)) {
      for (Path port : ports) {
        Path device = dev.resolve(port.getFileName());
        if (nameOf(port).equals(name) && Files.exists(device)) {
          return Optional.of(device);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Optional.empty();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return Optional.empty();
  }

  private static String nameOf(Path port) throws IOException {
    try {
      return Files.readString(port.resolve("name")).strip();
    } catch (NoSuchFileException e) {
      return "";
    }
  }
}
