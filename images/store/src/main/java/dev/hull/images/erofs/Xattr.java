package dev.hull.images.erofs;

/** An extended attribute that EROFS can hold; name (with its prefix) and value are byte strings. */
public record Xattr(String name, String value) {
  /** What the 16-bit size field holds; Linux itself stops one byte later. */
  public static final int MAX_VALUE = 65535;

  public static final int MAX_NAME = 255;

  private static final String ACL_ACCESS = "system.posix_acl_access";
  private static final String ACL_DEFAULT = "system.posix_acl_default";

  public Xattr {
    if (!hasKnownPrefix(name) || name.length() > MAX_NAME || value.length() > MAX_VALUE) {
      throw new IllegalArgumentException("not an attribute that EROFS can hold: " + name);
    }
  }

  /** Whether the name is of a kind that EROFS has an index for. */
  public static boolean hasKnownPrefix(String name) {
    return index(name) != 0 && prefixLength(name) <= name.length();
  }

  int index() {
    return index(name);
  }

  /** The name without the prefix that the index stands for. */
  String suffix() {
    return name.substring(prefixLength(name));
  }

  /** What the entry takes on disk, padded to four bytes. */
  int size() {
    return (4 + suffix().length() + value.length() + 3) & ~3;
  }

  private static int index(String name) {
    if (name.equals(ACL_ACCESS)) {
      return 2;
    } else if (name.equals(ACL_DEFAULT)) {
      return 3;
    } else if (longerThan(name, "user.")) {
      return 1;
    } else if (longerThan(name, "trusted.")) {
      return 4;
    } else if (longerThan(name, "security.")) {
      return 6;
    }
    return 0;
  }

  private static boolean longerThan(String name, String prefix) {
    return name.startsWith(prefix) && name.length() > prefix.length();
  }

  private static int prefixLength(String name) {
    return name.startsWith("system.") ? name.length() : name.indexOf('.') + 1;
  }
}
