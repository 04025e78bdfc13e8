package dev.hull.images.archive;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;

/** Reads the headers once, then any file where it lies: nothing is unpacked. */
final class TarFiles implements LayoutFiles {
  private final TarFile tar;
  private final Map<String, TarArchiveEntry> entries = new HashMap<>();

  TarFiles(Path file) throws IOException {
    tar = new TarFile(file);
    for (TarArchiveEntry entry : tar.getEntries()) {
      if (entry.isFile() && !entry.isSparse()) {
        String name = entry.getName();
        entries.put(name.startsWith("./") ? name.substring(2) : name, entry);
      }
    }
  }

  @Override
  public Optional<Found> find(String path) throws IOException {
    TarArchiveEntry entry = entries.get(path);
    return entry == null
        ? Optional.empty()
        : Optional.of(new Found(entry.getSize(), tar.getInputStream(entry)));
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
