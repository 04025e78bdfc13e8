package dev.hull.images.erofs;

/**
 * A file of an image, of any kind. One that is not a directory may stand in several places of the
 * tree: these are its hard links.
 */
public abstract sealed class Node permits Directory, RegularFile, Symlink, Special {
  private Attributes attributes;

  /** Set while the image is finished. */
  int links;

  /** Where the inode stands in the metadata area, in slots; 0 is none. */
  long nid;

  Node(Attributes attributes) {
    this.attributes = attributes;
  }

  public Attributes attributes() {
    return attributes;
  }

  /** The file type bits of the mode. */
  abstract int typeBits();

  /** The type as directory entries have it. */
  abstract int entryType();

  void replaceAttributes(Attributes replacement) {
    attributes = replacement;
  }
}
