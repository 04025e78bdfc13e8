package dev.hull.vm.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Replaces a folder's content as kubelet does. */
public final class AtomicWriter {
  private final Path folder;
  private int written;

  public AtomicWriter(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
  }

  /** By name; returns the name of the folder that has it. */
  public String write(Map<String, String> content) throws IOException {
    Optional<String> before = new AtomicFolder(folder).data();
    String name = "..2026_01_31_10_00_%02d.1".formatted(written++);
    Path data = Files.createDirectory(folder.resolve(name));
    for (Map.Entry<String, String> file : content.entrySet()) {
      Files.writeString(data.resolve(file.getKey()), file.getValue());
    }
    Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of(name));
    Files.move(next, folder.resolve(AtomicFolder.DATA), StandardCopyOption.ATOMIC_MOVE);
    for (String file : content.keySet()) {
      if (!Files.isSymbolicLink(folder.resolve(file))) {
        Files.createSymbolicLink(folder.resolve(file), Path.of(AtomicFolder.DATA, file));
      }
    }
    if (before.isPresent()) {
      delete(folder.resolve(before.get()));
    }
    return name;
  }

  private static void delete(Path data) throws IOException {
    try (Stream<Path> files = Files.list(data)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(data);
  }
}
