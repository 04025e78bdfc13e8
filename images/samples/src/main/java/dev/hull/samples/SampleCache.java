package dev.hull.samples;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Keeps layouts by what they were made from, and gives copies of them out (hard links where the
 * file system lets them). One process at a time works in it; the next one waits and finds the
 * result.
 */
final class SampleCache {
  private final Path folder;

  SampleCache(Path folder) {
    this.folder = folder;
  }

  /** Makes a layout. */
  @FunctionalInterface
  interface Maker {
    /**
     * Makes it.
     *
     * @param work for its own files, deleted afterwards
     * @param layout to be made
     */
    void make(Path work, Path layout) throws IOException;
  }

  /** A key is everything that the result depends on. */
  static String key(List<String> parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : parts) {
        digest.update((part.length() + ":" + part).getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 12);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Returns the layout of this key, which is made if it is not there. */
  Path get(String key, Maker maker) throws IOException {
    Files.createDirectories(folder);
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (!lock.isValid()) {
        throw new IOException("cannot lock " + folder);
      }
      Path layout = folder.resolve(key);
      if (Files.exists(layout.resolve("index.json"))) {
        return layout;
      }
      deleteLeftovers();
      Path work = Files.createTempDirectory(folder, "work-");
      try {
        Path made = work.resolve("layout");
        maker.make(work, made);
        Files.move(made, layout, StandardCopyOption.ATOMIC_MOVE);
        return layout;
      } finally {
        Folders.delete(work);
      }
    }
  }

  /** Of a process that was killed. */
  private void deleteLeftovers() throws IOException {
    List<Path> leftovers;
    try (Stream<Path> files = Files.list(folder)) {
      leftovers = files.filter(f -> f.getFileName().toString().startsWith("work-")).toList();
    }
    for (Path leftover : leftovers) {
      Folders.delete(leftover);
    }
  }

  /** Makes {@code target} the same layout; does nothing if it is. */
  static void copy(Path layout, Path target) throws IOException {
    Path index = target.resolve("index.json");
    if (Files.exists(index) && Files.mismatch(index, layout.resolve("index.json")) < 0) {
      return;
    }
    if (Files.exists(target) && !Files.exists(index)) {
      try (Stream<Path> files = Files.list(target)) {
        if (files.findAny().isPresent()) {
          throw new SampleException(
              target + " is neither empty nor an image layout; name another folder");
        }
      }
    }
    // Without an index it is no layout: if this is cut off, the next run begins again.
    Files.deleteIfExists(index);
    Folders.delete(target.resolve("blobs"));
    Path blobs = Files.createDirectories(target.resolve("blobs/sha256"));
    try (Stream<Path> files = Files.list(layout.resolve("blobs/sha256"))) {
      for (Path blob : files.toList()) {
        linkOrCopy(blob, blobs.resolve(blob.getFileName()));
      }
    }
    Path version = target.resolve("oci-layout");
    Files.copy(layout.resolve("oci-layout"), version, StandardCopyOption.REPLACE_EXISTING);
    Files.copy(layout.resolve("index.json"), index);
  }

  private static void linkOrCopy(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
    } catch (IOException | UnsupportedOperationException e) {
      Files.copy(from, to);
    }
  }
}
