package dev.hull.cri.bridge.daemon;

import dev.hull.cri.host.HostException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The daemon's socket as a file. It is bound under a private name, given its mode, and only then
 * moved to its place: nobody can connect before the mode is right.
 */
final class SocketFile {
  /** {@code sun_path} of unix(7), less the NUL. */
  private static final int LONGEST = 107;

  private static final String MODE = "rw-rw----";

  private final Path path;

  SocketFile(Path path) {
    this.path = path.toAbsolutePath();
  }

  /** Makes the folder, and makes room: a leftover is removed, a living daemon's is an error. */
  Path prepare() throws HostException {
    if (privatePath().toString().length() > LONGEST) {
      throw new HostException(
          "the socket's path is longer than %d bytes: %s; give a shorter --socket"
              .formatted(LONGEST - ".new".length(), path));
    }
    try {
      Files.createDirectories(folder());
      Files.deleteIfExists(privatePath());
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        if (answers()) {
          throw new HostException(
              "a daemon already serves on %s; stop it, or give another --socket".formatted(path));
        }
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new HostException("cannot make the socket " + path + ": " + reason(e), e);
    }
    return privatePath();
  }

  /** After the bind: visible, with its mode. */
  void publish() throws HostException {
    try {
      Files.setPosixFilePermissions(privatePath(), PosixFilePermissions.fromString(MODE));
      Files.move(privatePath(), path, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new HostException("cannot make the socket " + path + ": " + reason(e), e);
    } catch (IOException e) {
      throw new HostException("cannot make the socket " + path + ": " + reason(e), e);
    }
  }

  /** New callers find nothing; those that are connected stay. */
  void remove() {
    try {
      Files.deleteIfExists(privatePath());
      Files.deleteIfExists(path);
    } catch (IOException _) {
      // Left over: the next daemon replaces it.
      return;
    }
  }

  private Path folder() {
    Path folder = path.getParent();
    return folder == null ? Path.of("/") : folder;
  }

  private Path privatePath() {
    return path.resolveSibling(path.getFileName() + ".new");
  }

  private boolean answers() {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException _) {
      return false;
    }
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
