package dev.hull.cli.volume;

import com.google.protobuf.ByteString;
import dev.hull.cli.kubelet.Mounts;
import dev.hull.cli.kubelet.PodFolder;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Files that change all at once, laid out as the kubelet does it: the files are in a folder with a
 * time for its name, the link {@code ..data} leads to that folder, and what users see are links
 * through {@code ..data}. A change makes a new folder and renames one link.
 *
 * <pre>
 * ..2026_11_21_19_31_47.123456789/key
 * ..data -> ..2026_11_21_19_31_47.123456789
 * key -> ..data/key
 * </pre>
 */
public final class AtomicWriter {
  private static final String DATA = "..data";
  private static final String NEW_DATA = "..data_tmp";
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("'..'uuuu_MM_dd_HH_mm_ss.SSSSSSSSS").withZone(ZoneOffset.UTC);
  private static final int FOLDER_MODE = 0755;

  private final Path volume;
  private final Mounts mounts;

  public AtomicWriter(Path volume, Mounts mounts) {
    this.volume = volume;
    this.mounts = mounts;
  }

  /** A file and its permission bits. */
  public record Payload(ByteString content, int mode) {}

  /**
   * Makes the volume have these files, by their relative paths, and no others.
   *
   * @param group that owns them; empty for root's
   * @return false if they were there already
   */
  public boolean write(Map<String, Payload> files, Optional<Long> group, Instant now)
      throws IOException {
    Optional<Path> old = current();
    if (old.isPresent() && isSame(old.get(), files)) {
      return false;
    }
    Path made = unused(now);
    PodFolder.makeFolder(made, FOLDER_MODE);
    for (Map.Entry<String, Payload> file : new TreeMap<>(files).entrySet()) {
      write(made, file.getKey(), file.getValue(), group);
    }
    Path link = volume.resolve(NEW_DATA);
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, made.getFileName());
    Files.move(link, volume.resolve(DATA), StandardCopyOption.ATOMIC_MOVE);
    Set<String> names = new HashSet<>();
    files.keySet().forEach(path -> names.add(Path.of(path).getName(0).toString()));
    link(names);
    if (old.isPresent()) {
      PodFolder.deleteTree(old.get(), mounts);
    }
    return true;
  }

  private Optional<Path> current() throws IOException {
    try {
      return Optional.of(volume.resolve(Files.readSymbolicLink(volume.resolve(DATA))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private Path unused(Instant now) {
    Path path = volume.resolve(NAME.format(now));
    for (int i = 1; Files.exists(path, LinkOption.NOFOLLOW_LINKS); i++) {
      path = volume.resolve(NAME.format(now.plusNanos(i)));
    }
    return path;
  }

  private static boolean isSame(Path folder, Map<String, Payload> files) throws IOException {
    Set<String> found = new HashSet<>();
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(path).toString();
        Payload wanted = files.get(name);
        if (wanted == null
            || Files.size(path) != wanted.content().size()
            || !ByteString.copyFrom(Files.readAllBytes(path)).equals(wanted.content())) {
          return false;
        }
        found.add(name);
      }
    }
    return found.equals(files.keySet());
  }

  private static void write(Path folder, String name, Payload file, Optional<Long> group)
      throws IOException {
    Path path = folder.resolve(name);
    Path parent = folder;
    int depth = Path.of(name).getNameCount();
    for (Path part : depth > 1 ? Path.of(name).subpath(0, depth - 1) : List.<Path>of()) {
      parent = parent.resolve(part);
      PodFolder.makeFolder(parent, FOLDER_MODE);
    }
    Files.write(path, file.content().toByteArray());
    if (group.isPresent()) {
      Files.setAttribute(path, "unix:gid", group.get().intValue());
    }
    Files.setAttribute(path, "unix:mode", file.mode() | (group.isPresent() ? 0440 : 0));
  }

  private void link(Set<String> names) throws IOException {
    for (String name : names) {
      try {
        Files.createSymbolicLink(volume.resolve(name), Path.of(DATA, name));
      } catch (FileAlreadyExistsException e) {
        // It leads through ..data, so it is right already.
      }
    }
    try (Stream<Path> entries = Files.list(volume)) {
      for (Path entry : entries.toList()) {
        String name = entry.getFileName().toString();
        if (!name.startsWith("..") && !names.contains(name)) {
          Files.delete(entry);
        }
      }
    }
  }
}
