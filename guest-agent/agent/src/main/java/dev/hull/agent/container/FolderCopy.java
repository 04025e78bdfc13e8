package dev.hull.agent.container;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Copies a tree of folders, regular files and symbolic links with modes, owners and times; other
 * kinds are left out. No link is followed.
 */
final class FolderCopy extends SimpleFileVisitor<Path> {
  private static final String ATTRIBUTES = "unix:uid,gid,mode";

  private final Path from;
  private final Path to;

  private FolderCopy(Path from, Path to) {
    this.from = from;
    this.to = to;
  }

  /** {@code to} must not be there; what was copied is left if it fails. */
  static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(from, new FolderCopy(from, to));
  }

  /** Gives {@code to} the mode and the owner of {@code from}. */
  static void attributes(Path from, Path to) throws IOException {
    Map<String, Object> its = Files.readAttributes(from, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
    // The mode last: a change of the owner takes bits from it.
    for (String name : List.of("uid", "gid", "mode")) {
      Object value = its.get(name);
      if (value != null) {
        Files.setAttribute(to, "unix:" + name, value, LinkOption.NOFOLLOW_LINKS);
      }
    }
  }

  private Path target(Path source) {
    return to.resolve(from.relativize(source).toString());
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes its)
      throws IOException {
    Files.createDirectory(target(folder));
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes its) throws IOException {
    if (its.isRegularFile() || its.isSymbolicLink()) {
      Files.copy(file, target(file), StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
      throws IOException {
    if (failure != null) {
      throw failure;
    }
    attributes(folder, target(folder));
    return FileVisitResult.CONTINUE;
  }
}
