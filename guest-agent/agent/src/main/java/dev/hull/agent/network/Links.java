package dev.hull.agent.network;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** The interfaces that the kernel has now, as /sys/class/net shows them. */
final class Links {
  private static final long PAUSE_NANOS = 2_000_000;

  private final Path sysClassNet;

  Links(Path sysClassNet) {
    this.sysClassNet = sysClassNet;
  }

  /** An interface: its name may change, its index does not. */
  record Link(String name, int index) {}

  /** The interface with this MAC; waits, for it may still be arriving by hot-plug. */
  Link await(String mac, Duration patience) throws IOException, TimeoutException {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      Optional<Link> link = find(mac);
      if (link.isPresent()) {
        return link.get();
      }
      if (System.nanoTime() >= end) {
        throw new TimeoutException(
            "no interface has the MAC %s after %d ms".formatted(mac, patience.toMillis()));
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private Optional<Link> find(String mac) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(sysClassNet)) {
      for (Path entry : entries) {
        try {
          if (Files.readString(entry.resolve("address")).strip().equals(mac)) {
            String index = Files.readString(entry.resolve("ifindex")).strip();
            return Optional.of(new Link(entry.getFileName().toString(), Integer.parseInt(index)));
          }
        } catch (NoSuchFileException e) {
          // Not an interface, or it has just gone.
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return Optional.empty();
  }
}
