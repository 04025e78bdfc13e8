package dev.hull.vm.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder whose content is replaced as a whole, as kubelet's atomic writer does for ConfigMaps,
 * Secrets, projected volumes and the downward API:
 *
 * <pre>
 *   ..2026_01_31_10_00_00.123/   a folder of a new name for each content; it never changes
 *   ..data -> ..2026_01_31_10_00_00.123      replaced by renaming another link over it
 *   NAME -> ..data/NAME          for each entry of the content
 * </pre>
 */
public record AtomicFolder(Path path) {
  /** The link that is replaced. */
  public static final String DATA = "..data";

  private static final String NEXT_DATA = "..data_tmp";
  private static final Pattern NAME = Pattern.compile("\\.\\.[A-Za-z0-9_.-]{1,200}");

  /** Whether the folder is one, and has nothing that a copy of its content would lack. */
  public static boolean is(Path path) {
    AtomicFolder folder = new AtomicFolder(path);
    try {
      if (folder.data().isEmpty()) {
        return false;
      }
      try (Stream<Path> entries = Files.list(path)) {
        return entries.allMatch(AtomicFolder::isKnown);
      }
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isKnown(Path entry) {
    String name = entry.getFileName().toString();
    if (name.startsWith("..")) {
      return true;
    }
    try {
      return Files.readSymbolicLink(entry).equals(Path.of(DATA, name));
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** The name of the folder that holds the content now; empty if there is no content. */
  public Optional<String> data() throws IOException {
    try {
      String name = Files.readSymbolicLink(path.resolve(DATA)).toString();
      boolean usable =
          NAME.matcher(name).matches() && !name.equals(DATA) && !name.equals(NEXT_DATA);
      return usable ? Optional.of(name) : Optional.empty();
    } catch (NoSuchFileException | NotLinkException e) {
      return Optional.empty();
    }
  }
}
