package dev.hull.images.erofs;

import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A directory, which is filled and changed until the image is finished. */
public final class Directory extends Node {
  /** As long as a name may be, in bytes. */
  public static final int MAX_NAME = 255;

  private NavigableMap<String, Node> children = Collections.emptyNavigableMap();

  /** Set while the image is finished; the root is its own. */
  Directory parent = this;

  public Directory(Attributes attributes) {
    super(attributes);
  }

  /** What stands under a name (a byte string). */
  public @Nullable Node child(String name) {
    return children.get(name);
  }

  /**
   * Puts a child in, in place of what had the name.
   *
   * @throws IllegalArgumentException if the name is empty, too long, a dot or two, or has a slash
   *     or a NUL
   */
  public void put(String name, Node child) {
    if (!isName(name)) {
      throw new IllegalArgumentException("not a file name of 1 to 255 bytes");
    }
    if (children.isEmpty()) {
      children = new TreeMap<>();
    }
    children.put(name, child);
  }

  public static boolean isName(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_NAME
        && !name.equals(".")
        && !name.equals("..")
        && name.indexOf('/') < 0
        && name.indexOf('\0') < 0;
  }

  /** Replaces what the constructor was given. */
  public void describe(Attributes attributes) {
    replaceAttributes(attributes);
  }

  public Collection<Node> children() {
    return Collections.unmodifiableCollection(children.values());
  }

  @Override
  int typeBits() {
    return 0040000;
  }

  @Override
  int entryType() {
    return 2;
  }

  /** Is shown the entries in the order of the disk. */
  @FunctionalInterface
  interface Visitor {
    void entry(String name, Node node) throws IOException;
  }

  /** Shows all entries; the two dots stand among the others, where their bytes put them. */
  void forEach(Visitor visitor) throws IOException {
    visit(children.headMap(".", false), visitor);
    visitor.entry(".", this);
    visit(children.subMap(".", false, "..", false), visitor);
    visitor.entry("..", parent);
    visit(children.tailMap("..", false), visitor);
  }

  private static void visit(Map<String, Node> entries, Visitor visitor) throws IOException {
    for (Map.Entry<String, Node> entry : entries.entrySet()) {
      visitor.entry(entry.getKey(), entry.getValue());
    }
  }
}
