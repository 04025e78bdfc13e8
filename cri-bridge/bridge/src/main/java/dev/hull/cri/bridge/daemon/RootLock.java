package dev.hull.cri.bridge.daemon;

import dev.hull.cri.host.HostException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** One daemon a root: a lock that ends with the process, however it ends. */
final class RootLock implements AutoCloseable {
  private final FileChannel file;

  private RootLock(FileChannel file) {
    this.file = file;
  }

  static RootLock take(Path root) throws HostException {
    try {
      Files.createDirectories(root);
      FileChannel file =
          FileChannel.open(
              root.resolve("daemon.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(file) == null) {
        file.close();
        throw new HostException(
            "another daemon uses the root %s; stop it, or give another --root".formatted(root));
      }
      return new RootLock(file);
    } catch (IOException e) {
      throw new HostException(
          "cannot use the root %s: %s: %s"
              .formatted(root, e.getClass().getSimpleName(), e.getMessage()),
          e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException _) {
      // Held by this very process.
      return null;
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException _) {
      // The lock goes with the descriptor, and that is gone either way.
      return;
    }
  }
}
