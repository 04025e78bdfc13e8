package dev.hull.agent.container;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Trees of files that a container made: no link is followed, and no number of files is too large.
 */
final class FileTrees {
  private static final long BLOCK = 4096;

  private FileTrees() {}

  /** How much a tree takes: bytes in whole blocks, and files of all kinds. */
  record Usage(long bytes, long inodes) {}

  /**
   * Counts. Files with several names count once; holes count as if they were filled. Gives what it
   * has found if files vanish meanwhile.
   */
  static Usage usage(Path tree) throws IOException {
    UsageVisitor visitor = new UsageVisitor();
    Files.walkFileTree(tree, visitor);
    return new Usage(visitor.bytes, visitor.inodes);
  }

  private static final class UsageVisitor extends SimpleFileVisitor<Path> {
    private final Set<Object> seen = new HashSet<>();
    private long bytes;
    private long inodes;

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      inodes++;
      bytes += BLOCK;
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      boolean linked = attributes.isRegularFile() && hasOtherNames(file);
      Object key = attributes.fileKey();
      if (!linked || key == null || seen.add(key)) {
        inodes++;
        bytes += (attributes.size() + BLOCK - 1) / BLOCK * BLOCK;
      }
      return FileVisitResult.CONTINUE;
    }

    private static boolean hasOtherNames(Path file) throws IOException {
      try {
        return Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS)
                instanceof Integer links
            && links > 1;
      } catch (NoSuchFileException e) {
        return false;
      }
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      if (e instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw e;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) {
      return FileVisitResult.CONTINUE;
    }
  }

  /** Deletes a tree. Does nothing if there is none. */
  static void delete(Path tree) throws IOException {
    if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
