package dev.hull.cri.bridge.log;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.hull.cri.bridge.call.Refusal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * A log file's place: CRI's {@code PodSandboxConfig.log_directory} and, below it, {@code
 * ContainerConfig.log_path}. The folder is the node's own and may be reached through links; below
 * it no link is followed, for a container may have been given a part of it to write in.
 */
public record LogPath(Path directory, Path relative) {
  public LogPath {
    if (!directory.isAbsolute() || relative.isAbsolute()) {
      throw new IllegalArgumentException("not a log path: " + directory + " and " + relative);
    }
  }

  /** Empty if either is empty: then CRI wants no log. */
  public static Optional<LogPath> of(String directory, String path) {
    if (directory.isEmpty() || path.isEmpty()) {
      return Optional.empty();
    }
    Path folder = parse("config.log_directory", directory);
    if (!folder.isAbsolute()) {
      throw Refusal.invalid("config.log_directory must be an absolute path: " + directory);
    }
    Path relative = parse("config.log_path", path);
    if (relative.isAbsolute()) {
      throw Refusal.invalid(
          "config.log_path must be relative to the sandbox's log_directory: " + path);
    }
    if (!relative.equals(relative.normalize()) || relative.startsWith("..")) {
      throw Refusal.invalid("config.log_path must not have '.' or '..' in it: " + path);
    }
    return Optional.of(new LogPath(folder.normalize(), relative));
  }

  private static Path parse(String field, String value) {
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw Refusal.invalid(field + " is no path: " + e.getReason());
    }
  }

  public Path file() {
    return directory.resolve(relative);
  }

  /** Opens the file to be written, made with mode 0640 if it is not there, with its folders. */
  FileChannel open() throws IOException {
    Path folder = Files.createDirectories(directory).toRealPath();
    for (Path name : Optional.ofNullable(relative.getParent()).orElse(Path.of(""))) {
      if (name.toString().isEmpty()) {
        continue;
      }
      folder = folder.resolve(name);
      if (!Files.exists(folder, NOFOLLOW_LINKS)) {
        Files.createDirectory(folder);
      } else if (!Files.isDirectory(folder, NOFOLLOW_LINKS)) {
        throw new IOException("cannot keep a log below " + folder + ": it is not a folder");
      }
    }
    Path file = folder.resolve(relative.getFileName());
    if (Files.exists(file, NOFOLLOW_LINKS) && !Files.isRegularFile(file, NOFOLLOW_LINKS)) {
      throw new IOException(
          "cannot keep a log in " + file + ": it is not a regular file; remove it");
    }
    return FileChannel.open(
        file,
        Set.of(
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            NOFOLLOW_LINKS),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
  }

  /** The number by which the file is known whatever it is renamed to. */
  long inode() throws IOException {
    return inode(file());
  }

  static long inode(Path file) throws IOException {
    return (Long) Files.getAttribute(file, "unix:ino", NOFOLLOW_LINKS);
  }

  /** The file with this inode: at its own path, or beside it where a rotation moved it. */
  Optional<Path> find(long inode) throws IOException {
    Path folder = file().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (var entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        if (Files.isRegularFile(entry, NOFOLLOW_LINKS) && inode(entry) == inode) {
          return Optional.of(entry);
        }
      }
    }
    return Optional.empty();
  }
}
