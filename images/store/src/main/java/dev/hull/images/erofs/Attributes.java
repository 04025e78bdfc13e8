package dev.hull.images.erofs;

import java.util.List;

/**
 * What every file has. {@code uid} and {@code gid} are unsigned.
 *
 * @param permissions the lowest twelve bits of the mode
 * @param mtimeNanos 0 to 999,999,999, also before 1970
 */
public record Attributes(
    int permissions, int uid, int gid, long mtimeSeconds, int mtimeNanos, List<Xattr> xattrs) {
  /** What EROFS can hold of all extended attributes of a file together. */
  public static final int MAX_XATTR_BYTES = 12 + 4 * (65535 - 1);

  public Attributes {
    if ((permissions & ~07777) != 0) {
      throw new IllegalArgumentException(
          "not permissions (octal): " + Integer.toOctalString(permissions));
    }
    if (mtimeNanos < 0 || mtimeNanos > 999_999_999) {
      throw new IllegalArgumentException("not nanoseconds of a second: " + mtimeNanos);
    }
    xattrs = List.copyOf(xattrs);
    if (xattrBytes(xattrs) > MAX_XATTR_BYTES) {
      throw new IllegalArgumentException("more extended attributes than EROFS can hold");
    }
  }

  /** Root's, of the epoch, without extended attributes. */
  public static Attributes ofRoot(int permissions) {
    return new Attributes(permissions, 0, 0, 0, 0, List.of());
  }

  public Attributes with(List<Xattr> others) {
    return new Attributes(permissions, uid, gid, mtimeSeconds, mtimeNanos, others);
  }

  /** What they take on disk; compare with {@link #MAX_XATTR_BYTES}. */
  public static long xattrBytes(List<Xattr> xattrs) {
    long bytes = xattrs.isEmpty() ? 0 : 12;
    for (Xattr xattr : xattrs) {
      bytes += xattr.size();
    }
    return bytes;
  }
}
