package dev.hull.images.erofs;

/** A device, a FIFO or a socket. */
public final class Special extends Node {
  /** What EROFS and Linux have bits for. */
  public static final int MAX_MAJOR = (1 << 12) - 1;

  public static final int MAX_MINOR = (1 << 20) - 1;

  /** Which of them. */
  public enum Kind {
    CHARACTER_DEVICE(0020000, 3),
    BLOCK_DEVICE(0060000, 4),
    FIFO(0010000, 5),
    SOCKET(0140000, 6);

    private final int typeBits;
    private final int entryType;

    Kind(int typeBits, int entryType) {
      this.typeBits = typeBits;
      this.entryType = entryType;
    }
  }

  private final Kind kind;
  private final int major;
  private final int minor;

  /** Numbers are 0 for what is not a device. */
  public Special(Attributes attributes, Kind kind, int major, int minor) {
    super(attributes);
    if (major < 0 || major > MAX_MAJOR || minor < 0 || minor > MAX_MINOR) {
      throw new IllegalArgumentException("not a device number: " + major + ":" + minor);
    }
    this.kind = kind;
    this.major = major;
    this.minor = minor;
  }

  /** What overlayfs takes for "not here, whatever is below". */
  public static Special whiteout() {
    return new Special(Attributes.ofRoot(0), Kind.CHARACTER_DEVICE, 0, 0);
  }

  public Kind kind() {
    return kind;
  }

  /** As Linux encodes a device number in 32 bits. */
  int device() {
    return (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
  }

  @Override
  int typeBits() {
    return kind.typeBits;
  }

  @Override
  int entryType() {
    return kind.entryType;
  }
}
