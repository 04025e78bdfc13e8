package dev.hull.samples;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one tree has that another has not, as a layer says it: paths that are new or changed, each
 * with the directories above it (whose attributes a layer must repeat), and paths that are gone.
 * Two files are the same if type, mode, owners, size and time of change are, as Docker compares
 * them.
 *
 * @param changed relative paths in order; "." is the root
 * @param gone relative paths of what the layer removes
 */
record TreeDiff(SortedSet<String> changed, SortedSet<String> gone) {
  private static final String ATTRIBUTES = "unix:mode,uid,gid,size,lastModifiedTime,rdev";

  /** Everything in a tree. */
  static TreeDiff all(Path tree, long epoch) throws IOException {
    return between(null, tree, epoch);
  }

  static TreeDiff between(@Nullable Path lower, Path upper, long epoch) throws IOException {
    TreeDiff diff = new TreeDiff(new TreeSet<>(), new TreeSet<>());
    if (lower == null || differ(lower, upper, epoch)) {
      diff.changed.add(".");
    }
    diff.compare(lower, upper, "", epoch);
    return diff;
  }

  private void compare(@Nullable Path lower, Path upper, String prefix, long epoch)
      throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(upper)) {
      for (Path child : children) {
        String name = prefix + child.getFileName();
        Path before = lower == null ? null : lower.resolve(child.getFileName());
        boolean known = before != null && Files.exists(before, LinkOption.NOFOLLOW_LINKS);
        if (before == null || !known || differ(before, child, epoch)) {
          add(name);
        }
        if (isFolder(child)) {
          compare(
              known && before != null && isFolder(before) ? before : null,
              child,
              name + "/",
              epoch);
        }
      }
    }
    if (lower != null) {
      try (DirectoryStream<Path> children = Files.newDirectoryStream(lower)) {
        for (Path child : children) {
          if (!Files.exists(upper.resolve(child.getFileName()), LinkOption.NOFOLLOW_LINKS)) {
            String name = prefix + child.getFileName();
            gone.add(name);
            addFoldersAbove(name);
          }
        }
      }
    }
  }

  private void add(String name) {
    changed.add(name);
    addFoldersAbove(name);
  }

  private void addFoldersAbove(String name) {
    for (int slash = name.lastIndexOf('/'); slash > 0; slash = name.lastIndexOf('/', slash - 1)) {
      changed.add(name.substring(0, slash));
    }
    changed.add(".");
  }

  private static boolean differ(Path before, Path after, long epoch) throws IOException {
    Map<String, Object> old;
    try {
      old = new HashMap<>(Files.readAttributes(before, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS));
    } catch (NoSuchFileException e) {
      return true;
    }
    Map<String, Object> now =
        new HashMap<>(Files.readAttributes(after, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS));
    if (isFolder(before) && isFolder(after)) {
      // What a directory's entries take says nothing about it.
      forgetSizeAndLateTime(old, epoch);
      forgetSizeAndLateTime(now, epoch);
    }
    return !old.equals(now);
  }

  private static void forgetSizeAndLateTime(Map<String, Object> attributes, long epoch) {
    attributes.remove("size");
    FileTime time = (FileTime) Objects.requireNonNull(attributes.get("lastModifiedTime"));
    if (time.to(TimeUnit.SECONDS) >= epoch) {
      attributes.remove("lastModifiedTime");
    }
  }

  private static boolean isFolder(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }
}
