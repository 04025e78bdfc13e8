package dev.hull.images.erofs;

/** A symbolic link; the target is a byte string. */
public final class Symlink extends Node {
  /** As long as Linux lets a target be. */
  public static final int MAX_TARGET = 4095;

  private final String target;

  public Symlink(Attributes attributes, String target) {
    super(attributes);
    if (target.isEmpty() || target.length() > MAX_TARGET || target.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("not a link target of 1 to 4095 bytes");
    }
    this.target = target;
  }

  public String target() {
    return target;
  }

  @Override
  int typeBits() {
    return 0120000;
  }

  @Override
  int entryType() {
    return 7;
  }
}
