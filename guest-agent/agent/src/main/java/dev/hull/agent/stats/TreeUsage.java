package dev.hull.agent.stats;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * How much a tree of files takes: bytes in blocks that are there, and files of all kinds. No link
 * is followed.
 */
record TreeUsage(long bytes, long inodes) {
  /** What vanishes meanwhile does not count. */
  static TreeUsage measure(Path tree, FileSystems files) throws IOException {
    Count count = new Count(files);
    Files.walkFileTree(tree, count);
    return new TreeUsage(Math.round(count.bytes), Math.round(count.inodes));
  }

  private static final class Count extends SimpleFileVisitor<Path> {
    private final FileSystems files;
    // Each of a file's names counts for its part, so that none has to be remembered.
    private double bytes;
    private double inodes;

    Count(FileSystems files) {
      this.files = files;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      // The links of a folder are those below it.
      files.inode(folder).ifPresent(inode -> add(inode.bytes(), 1));
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      files.inode(file).ifPresent(inode -> add(inode.bytes(), Math.max(1, inode.links())));
      return FileVisitResult.CONTINUE;
    }

    private void add(long size, long links) {
      bytes += (double) size / links;
      inodes += 1.0 / links;
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
}
