package dev.hull.agent.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A copy of one folder, which it follows as kubelet's atomic writer wrote it: the next content's
 * folder is there as a whole before {@code ..data} leads to it, by a rename; then its entries get
 * their links, those that it lacks lose theirs, and the last content goes. Not thread-safe.
 */
final class Replica {
  private static final String DATA = "..data";
  private static final String NEXT_DATA = "..data_tmp";

  private final Path source;
  private final Path folder;

  /** Makes it, empty. */
  Replica(Path source, Path folder) throws IOException {
    this.source = source;
    this.folder = folder;
    Files.createDirectories(folder);
  }

  Path folder() {
    return folder;
  }

  /** NoSuchFileException if some of it is gone; then nothing of it is kept. */
  void stage(String data) throws IOException {
    if (isShown(data)) {
      return;
    }
    Path copy = folder.resolve(data);
    FileTrees.delete(copy);
    try {
      FolderCopy.copy(source.resolve(data), copy);
      FolderCopy.attributes(source, folder);
    } catch (IOException e) {
      FileTrees.delete(copy);
      throw e;
    }
  }

  /** IllegalStateException if nothing of this name is staged. */
  void publish(String data) throws IOException {
    Path copy = folder.resolve(data);
    if (!Files.isDirectory(copy, LinkOption.NOFOLLOW_LINKS)) {
      throw new IllegalStateException("no content " + data + " has been copied");
    }
    Optional<String> last = shown();
    if (!isShown(data)) {
      Path next = folder.resolve(NEXT_DATA);
      Files.deleteIfExists(next);
      Files.createSymbolicLink(next, Path.of(data));
      Files.move(next, folder.resolve(DATA), StandardCopyOption.ATOMIC_MOVE);
    }
    Set<String> names = new HashSet<>(names(copy));
    for (String name : names) {
      link(name);
    }
    for (String name : names(folder)) {
      if (!name.startsWith("..") && !names.contains(name)) {
        Files.delete(folder.resolve(name));
      }
    }
    if (last.isPresent() && !last.get().equals(data)) {
      FileTrees.delete(folder.resolve(last.get()));
    }
  }

  private void link(String name) throws IOException {
    Path link = folder.resolve(name);
    if (!Files.isSymbolicLink(link)) {
      Files.createSymbolicLink(link, Path.of(DATA, name));
    }
  }

  private boolean isShown(String data) throws IOException {
    return shown().equals(Optional.of(data));
  }

  private Optional<String> shown() throws IOException {
    try {
      return Optional.of(Files.readSymbolicLink(folder.resolve(DATA)).toString());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    }
  }

  /** May be called again if it fails. */
  void remove() throws IOException {
    FileTrees.delete(folder);
  }
}
