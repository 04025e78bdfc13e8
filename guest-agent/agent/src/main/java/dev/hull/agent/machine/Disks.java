package dev.hull.agent.machine;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** Finds disks by their place on the SCSI bus; they may still be arriving by hot-plug. */
public final class Disks {
  private static final long PAUSE_NANOS = 5_000_000;

  private final Path sys;
  private final Path dev;

  /**
   * @param sys {@code /sys}
   * @param dev {@code /dev}
   */
  public Disks(Path sys, Path dev) {
    this.sys = sys;
    this.dev = dev;
  }

  /** The device file of a disk: {@code /dev/sdb}. Waits until it is there. */
  public Path await(ScsiAddress address, Duration deadline) throws IOException, TimeoutException {
    long end = System.nanoTime() + deadline.toNanos();
    while (true) {
      Optional<Path> device = find(address);
      if (device.isPresent()) {
        return device.get();
      }
      if (System.nanoTime() >= end) {
        throw new TimeoutException(
            "no disk is at %s after %d ms".formatted(address, deadline.toMillis()));
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private Optional<Path> find(ScsiAddress address) throws IOException {
    Path block = sys.resolve("bus/scsi/devices/" + address + "/block");
    try (DirectoryStream<Path> names = Files.newDirectoryStream(block)) {
      for (Path name : names) {
        Path device = dev.resolve(name.getFileName());
        if (Files.exists(device)) {
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
}
