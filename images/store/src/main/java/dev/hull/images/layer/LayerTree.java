package dev.hull.images.layer;

import dev.hull.images.erofs.Attributes;
import dev.hull.images.erofs.Directory;
import dev.hull.images.erofs.ErofsWriter;
import dev.hull.images.erofs.Node;
import dev.hull.images.erofs.Special;
import dev.hull.images.erofs.Symlink;
import dev.hull.images.erofs.Xattr;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * The tree that a layer's entries make, one after the other; a later entry takes the place of an
 * earlier one of its name. Whiteouts are applied at the end, for they say nothing about files of
 * their own layer, wherever they stand.
 */
final class LayerTree {
  private static final String WHITEOUT = ".wh.";

  /** Names that begin so belong to AUFS, except for the mark of an opaque directory. */
  private static final String WHITEOUT_META = ".wh..wh.";

  private static final String OPAQUE_MARK = ".wh..wh..opq";
  private static final Xattr OPAQUE = new Xattr("trusted.overlay.opaque", "y");

  private record Whiteout(Directory parent, String name) {}

  private final ErofsWriter writer;
  private final LayerLimits limits;
  private final Directory root = new Directory(Attributes.ofRoot(0755));
  private final List<Whiteout> whiteouts = new ArrayList<>();
  private final Set<Directory> opaque = Collections.newSetFromMap(new IdentityHashMap<>());
  private final LayerPaths paths;
  private long entries;
  private long nameBytes;

  LayerTree(ErofsWriter writer, LayerLimits limits) {
    this.writer = writer;
    this.limits = limits;
    this.paths = new LayerPaths(root, this::addMissingDirectory);
  }

  void add(TarEntry entry, InputStream data) throws IOException, InvalidLayerException {
    List<String> path = LayerPaths.split(entry.name());
    if (path.isEmpty()) {
      if (entry.type() != TarEntry.Type.DIRECTORY) {
        throw new InvalidLayerException("the layer's root is not a directory");
      }
      root.describe(entry.attributes());
      return;
    }
    if (path.stream().anyMatch(name -> name.startsWith(WHITEOUT))) {
      addWhiteout(path, entry);
      return;
    }
    charge(path.getLast().length() + weight(entry));
    Directory parent = paths.parent(path);
    String name = path.getLast();
    switch (entry.type()) {
      case DIRECTORY -> {
        if (parent.child(name) instanceof Directory there) {
          there.describe(entry.attributes());
        } else {
          parent.put(name, new Directory(entry.attributes()));
        }
      }
      case HARD_LINK -> parent.put(name, target(entry));
      default -> parent.put(name, node(entry, data));
    }
  }

  /** Applies the whiteouts and returns the root. */
  Directory finish() {
    for (Whiteout whiteout : whiteouts) {
      Node there = whiteout.parent.child(whiteout.name);
      if (there == null) {
        whiteout.parent.put(whiteout.name, Special.whiteout());
      } else if (there instanceof Directory directory) {
        // Without this, overlayfs would merge it with the directory that the layer removed.
        opaque.add(directory);
      }
    }
    for (Directory directory : opaque) {
      List<Xattr> xattrs = new ArrayList<>(directory.attributes().xattrs());
      xattrs.add(OPAQUE);
      directory.describe(directory.attributes().with(xattrs));
    }
    return root;
  }

  private void addWhiteout(List<String> path, TarEntry entry) throws InvalidLayerException {
    String last = path.getLast();
    for (String name : path.subList(0, path.size() - 1)) {
      if (name.startsWith(WHITEOUT_META)) {
        return;
      } else if (name.startsWith(WHITEOUT)) {
        throw new InvalidLayerException(
            Shown.name(entry.name()) + " stands below a whiteout, which is not a directory");
      }
    }
    if (last.equals(OPAQUE_MARK)) {
      charge(0);
      opaque.add(paths.parent(path));
    } else if (!last.startsWith(WHITEOUT_META)) {
      String name = last.substring(WHITEOUT.length());
      if (!Directory.isName(name)) {
        throw new InvalidLayerException(
            Shown.name(entry.name()) + " is a whiteout of nothing that can be");
      }
      charge(name.length());
      whiteouts.add(new Whiteout(paths.parent(path), name));
    }
  }

  private Node target(TarEntry entry) throws InvalidLayerException {
    Node target = paths.find(LayerPaths.split(entry.linkName()));
    if (target == null || target instanceof Directory) {
      throw new InvalidLayerException(
          "the hard link "
              + Shown.name(entry.name())
              + " points to "
              + Shown.name(entry.linkName())
              + (target == null ? ", which is not in the layer" : ", which is a directory"));
    }
    return target;
  }

  private Node node(TarEntry entry, InputStream data) throws IOException, InvalidLayerException {
    Attributes attributes = entry.attributes();
    return switch (entry.type()) {
      case SYMLINK -> {
        String target = entry.linkName();
        if (target.isEmpty() || target.length() > Symlink.MAX_TARGET || target.indexOf('\0') >= 0) {
          throw new InvalidLayerException(
              "the link " + Shown.name(entry.name()) + " has a target that Linux does not take");
        }
        yield new Symlink(attributes, target);
      }
      case CHARACTER_DEVICE -> device(entry, Special.Kind.CHARACTER_DEVICE);
      case BLOCK_DEVICE -> device(entry, Special.Kind.BLOCK_DEVICE);
      case FIFO -> new Special(attributes, Special.Kind.FIFO, 0, 0);
      case FILE, DIRECTORY, HARD_LINK ->
          entry.extents().isPresent()
              ? writer.sparseFile(attributes, entry.size(), entry.extents().get(), data)
              : writer.file(attributes, entry.size(), data);
    };
  }

  private static Node device(TarEntry entry, Special.Kind kind) throws InvalidLayerException {
    if (entry.major() < 0
        || entry.major() > Special.MAX_MAJOR
        || entry.minor() < 0
        || entry.minor() > Special.MAX_MINOR) {
      throw new InvalidLayerException(
          "the device "
              + Shown.name(entry.name())
              + " has a number that Linux cannot have: "
              + entry.major()
              + ":"
              + entry.minor());
    }
    return new Special(entry.attributes(), kind, entry.major(), entry.minor());
  }

  private Directory addMissingDirectory(Directory parent, String name)
      throws InvalidLayerException {
    charge(name.length());
    Directory directory = new Directory(Attributes.ofRoot(0755));
    parent.put(name, directory);
    return directory;
  }

  private static long weight(TarEntry entry) {
    return entry.linkName().length() + Attributes.xattrBytes(entry.attributes().xattrs());
  }

  private void charge(long bytes) throws InvalidLayerException {
    entries++;
    nameBytes += bytes;
    if (entries > limits.entries()) {
      throw new InvalidLayerException(
          "the layer has more than " + limits.entries() + " entries, the most that are taken");
    }
    if (nameBytes > limits.nameBytes()) {
      throw new InvalidLayerException(
          "the layer has more than "
              + limits.nameBytes()
              + " bytes of names, link targets and extended attributes, the most that are taken");
    }
  }
}
