package dev.hull.images.layer;

import dev.hull.images.erofs.Directory;
import dev.hull.images.erofs.Node;
import dev.hull.images.erofs.Symlink;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the place of a path in a layer. A directory on the way that is a symbolic link of this
 * layer is followed as {@code tar -x} in a chroot would: never out of the layer.
 */
final class LayerPaths {
  private final Directory root;
  private final MissingDirectory missing;
  private long allFollowed;

  /** Makes a directory that the layer leaves out. */
  @FunctionalInterface
  interface MissingDirectory {
    Directory add(Directory parent, String name) throws InvalidLayerException;
  }

  LayerPaths(Directory root, MissingDirectory missing) {
    this.root = root;
    this.missing = missing;
  }

  /** The names of a path, without what means nothing; none is a dot or two, or too long. */
  static List<String> split(String path) throws InvalidLayerException {
    if (path.length() > LayerLimits.PATH_BYTES) {
      throw new InvalidLayerException(
          "the path "
              + Shown.name(path)
              + " has "
              + path.length()
              + " bytes; Linux takes "
              + LayerLimits.PATH_BYTES);
    }
    List<String> names = new ArrayList<>();
    for (String name : path.split("/", -1)) {
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        throw new InvalidLayerException("the path " + Shown.name(path) + " leads upwards");
      }
      if (!Directory.isName(name)) {
        throw new InvalidLayerException(
            "the path "
                + Shown.name(path)
                + " has a name that Linux does not take: 1 to 255 bytes, none of them 0");
      }
      names.add(name);
    }
    return names;
  }

  /** The directory in which the last name belongs; made if it is not there. */
  Directory parent(List<String> path) throws InvalidLayerException {
    Directory parent = walk(path.subList(0, path.size() - 1), true);
    return parent == null ? root : parent;
  }

  /** What has this path; null if nothing has. */
  @Nullable Node find(List<String> path) throws InvalidLayerException {
    if (path.isEmpty()) {
      return root;
    }
    Directory parent = walk(path.subList(0, path.size() - 1), false);
    return parent == null ? null : parent.child(path.getLast());
  }

  private @Nullable Directory walk(List<String> names, boolean make) throws InvalidLayerException {
    Deque<String> ahead = new ArrayDeque<>(names);
    Deque<Directory> above = new ArrayDeque<>();
    Directory here = root;
    int followed = 0;
    while (!ahead.isEmpty()) {
      String name = ahead.remove();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        here = above.isEmpty() ? root : above.pop();
        continue;
      }
      Node child = here.child(name);
      if (child instanceof Symlink link) {
        if (++followed > LayerLimits.LINKS_FOLLOWED
            || ++allFollowed > LayerLimits.ALL_LINKS_FOLLOWED) {
          throw new InvalidLayerException(
              "the path " + Shown.name(String.join("/", names)) + " leads through too many links");
        }
        if (link.target().startsWith("/")) {
          here = root;
          above.clear();
        }
        List<String> target = List.of(link.target().split("/", -1));
        target.reversed().forEach(ahead::push);
        continue;
      }
      Directory next = child instanceof Directory directory ? directory : null;
      if (next == null && child != null) {
        throw new InvalidLayerException(
            "the path "
                + Shown.name(String.join("/", names))
                + " leads through "
                + Shown.name(name)
                + ", which is not a directory");
      }
      if (next == null) {
        if (!make) {
          return null;
        }
        next = missing.add(here, name);
      }
      above.push(here);
      here = next;
    }
    return here;
  }
}
