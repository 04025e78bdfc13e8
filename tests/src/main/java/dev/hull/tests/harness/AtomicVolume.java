package dev.hull.tests.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.stream.Stream;

/** A folder that is written as kubelet writes ConfigMaps, Secrets and their like. */
public final class AtomicVolume {
  private final Path folder;
  private int written;

  public AtomicVolume(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
  }

  public Path path() {
    return folder;
  }

  /** Replaces all of it at once, in kubelet's order; no name may go. */
  public void write(Map<String, byte[]> content) throws IOException {
    Path last = folder.resolve("..content_" + written++);
    Path data = Files.createDirectory(folder.resolve("..content_" + written));
    for (Map.Entry<String, byte[]> file : content.entrySet()) {
      Files.write(data.resolve(file.getKey()), file.getValue());
    }
    Path link = Files.createSymbolicLink(folder.resolve("..data_tmp"), data.getFileName());
    Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    for (String name : content.keySet()) {
      if (!Files.isSymbolicLink(folder.resolve(name))) {
        Files.createSymbolicLink(folder.resolve(name), Path.of("..data", name));
      }
    }
    if (Files.exists(last)) {
      try (Stream<Path> files = Files.list(last)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(last);
    }
  }

  /** A file of the content that is there now. */
  public Path file(String name) {
    return folder.resolve("..content_" + written).resolve(name);
  }
}
