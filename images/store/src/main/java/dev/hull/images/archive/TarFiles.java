package dev.hull.images.archive;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;

/** Reads the headers once, then any file where it lies: nothing is unpacked. */
final class TarFiles implements LayoutFiles {
  // What TarFile gives to read moves the one position of its channel.
  private final FileChannel file;
  private final Map<String, TarArchiveEntry> entries = new HashMap<>();

  TarFiles(Path path) throws IOException {
    try (TarFile tar = new TarFile(path)) {
      for (TarArchiveEntry entry : tar.getEntries()) {
        if (entry.isFile() && !entry.isSparse()) {
          String name = entry.getName();
          entries.put(name.startsWith("./") ? name.substring(2) : name, entry);
        }
      }
    }
    file = FileChannel.open(path);
  }

  @Override
  public Optional<Found> find(String path) {
    return Optional.ofNullable(entries.get(path))
        .map(
            entry ->
                new Found(
                    entry.getSize(), new FileSlice(file, entry.getDataOffset(), entry.getSize())));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
