package dev.hull.samples;

import dev.hull.images.layout.TarSource;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A difference as a layer's tar, which GNU tar writes, for it knows about hard links and extended
 * attributes. The same tree makes the same bytes: names are in order, and no time is later than
 * {@code epoch}.
 */
final class DiffTar implements TarSource {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final Path tree;
  private final TreeDiff diff;
  private final long epoch;
  private final Path scratch;
  private final Commands commands;

  /**
   * @param scratch a new folder
   */
  DiffTar(Path tree, TreeDiff diff, long epoch, Path scratch, Commands commands) {
    this.tree = tree;
    this.diff = diff;
    this.epoch = epoch;
    this.scratch = scratch;
    this.commands = commands;
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    Path whiteouts = Files.createDirectories(scratch.resolve("whiteouts"));
    List<String> names = diff.gone().stream().map(DiffTar::whiteout).toList();
    for (String name : names) {
      Path file = whiteouts.resolve(name);
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Files.createFile(file);
    }
    commands.pipe(
        LIMIT,
        List.of(
            "tar",
            "--create",
            "--format=posix",
            "--pax-option=delete=atime,delete=ctime,exthdr.name=%d/PaxHeaders/%f",
            "--numeric-owner",
            "--clamp-mtime",
            "--mtime=@" + epoch,
            "--xattrs",
            "--xattrs-include=*",
            "--no-recursion",
            "--null",
            "--verbatim-files-from",
            "--directory=" + tree,
            "--files-from=" + list("changed", diff.changed()),
            "--directory=" + whiteouts,
            "--files-from=" + list("gone", names)),
        out);
  }

  private static String whiteout(String path) {
    int slash = path.lastIndexOf('/') + 1;
    return path.substring(0, slash) + ".wh." + path.substring(slash);
  }

  private Path list(String name, Collection<String> paths) throws IOException {
    String text =
        paths.stream()
            .map(path -> path.equals(".") ? "./\0" : "./" + path + "\0")
            .collect(Collectors.joining());
    return Files.writeString(scratch.resolve(name), text, StandardCharsets.UTF_8);
  }
}
