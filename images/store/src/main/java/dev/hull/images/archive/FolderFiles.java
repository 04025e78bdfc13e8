package dev.hull.images.archive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** Follows no symbolic links and opens no pipes: a layout may be a stranger's. */
final class FolderFiles implements LayoutFiles {
  private final Path folder;

  FolderFiles(Path folder) {
    this.folder = folder;
  }

  @Override
  public Optional<Found> find(String path) throws IOException {
    Path file = folder.resolve(path);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    return Optional.of(
        new Found(Files.size(file), Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)));
  }

  @Override
  public void close() {}
}
