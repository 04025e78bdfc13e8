package dev.hull.guestimage;

import dev.hull.images.layer.InvalidLayerException;
import dev.hull.images.layer.LayerTranscoder;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Writes a tree as an EROFS image, as a container's layer is written: through a tar. Everything
 * belongs to root, whoever made the tree. Uncompressed, for unpacking costs a guest more than the
 * reads that it saves.
 */
final class RootImage {
  private RootImage() {}

  /**
   * @param work an existing folder for temporary files, which are gone afterwards
   */
  static void write(Path image, Path tree, Path work) throws IOException {
    Path tar = work.resolve("root.tar");
    try {
      writeTar(tar, tree);
      try (InputStream in = Files.newInputStream(tar)) {
        new LayerTranscoder(work).transcode(in, image);
      }
    } catch (InvalidLayerException e) {
      throw new IOException("the guest's root file system makes no image: " + e.getMessage(), e);
    } finally {
      Files.deleteIfExists(tar);
    }
  }

  private static void writeTar(Path tar, Path tree) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(tree)) {
      all = walk.filter(path -> !path.equals(tree)).sorted().toList();
    }
    try (TarArchiveOutputStream out =
        new TarArchiveOutputStream(new BufferedOutputStream(Files.newOutputStream(tar)), "UTF-8")) {
      out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (Path path : all) {
        writeEntry(out, path, tree.relativize(path).toString());
      }
    }
  }

  private static void writeEntry(TarArchiveOutputStream out, Path path, String name)
      throws IOException {
    TarArchiveEntry entry;
    if (Files.isSymbolicLink(path)) {
      entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
      entry.setLinkName(Files.readSymbolicLink(path).toString());
    } else if (Files.isDirectory(path)) {
      entry = new TarArchiveEntry(name + "/");
      entry.setMode(0755);
    } else {
      entry = new TarArchiveEntry(name);
      entry.setMode(Files.isExecutable(path) ? 0755 : 0644);
      entry.setSize(Files.size(path));
    }
    entry.setModTime(RootTree.TIME.toEpochMilli());
    out.putArchiveEntry(entry);
    if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.copy(path, out);
    }
    out.closeArchiveEntry();
  }
}
