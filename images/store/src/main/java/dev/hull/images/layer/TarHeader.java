package dev.hull.images.layer;

import java.nio.charset.StandardCharsets;

/** One header block: fields of fixed places, in the old, the POSIX and the GNU form. */
final class TarHeader {
  static final int BLOCK = 512;

  private final byte[] block;

  TarHeader(byte[] block) {
    this.block = block;
  }

  boolean isEmpty() {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /** Sums of unsigned bytes, or of signed ones, which old programs wrote. */
  boolean hasRightChecksum() throws InvalidLayerException {
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < BLOCK; i++) {
      byte b = i >= 148 && i < 156 ? (byte) ' ' : block[i];
      unsigned += b & 0xff;
      signed += b;
    }
    long stored = number(148, 8, "checksum");
    return stored == unsigned || stored == signed;
  }

  String name() {
    String name = string(0, 100);
    String prefix = isPosix() ? string(345, isStar() ? 131 : 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  String linkName() {
    return string(157, 100);
  }

  char type() {
    return (char) (block[156] & 0xff);
  }

  long mode() throws InvalidLayerException {
    return number(100, 8, "mode");
  }

  long uid() throws InvalidLayerException {
    return number(108, 8, "uid");
  }

  long gid() throws InvalidLayerException {
    return number(116, 8, "gid");
  }

  long size() throws InvalidLayerException {
    return number(124, 12, "size");
  }

  long mtime() throws InvalidLayerException {
    return number(136, 12, "mtime");
  }

  long major() throws InvalidLayerException {
    return number(329, 8, "device number");
  }

  long minor() throws InvalidLayerException {
    return number(337, 8, "device number");
  }

  /** The size with the holes, of a GNU sparse entry. */
  long gnuRealSize() throws InvalidLayerException {
    return number(483, 12, "real size");
  }

  private boolean isPosix() {
    return string(257, 6).equals("ustar");
  }

  private boolean isStar() {
    return string(508, 4).equals("tar");
  }

  /** Up to the first NUL. */
  String string(int offset, int length) {
    int end = offset;
    while (end < offset + length && block[end] != 0) {
      end++;
    }
    return new String(block, offset, end - offset, StandardCharsets.ISO_8859_1);
  }

  boolean isZero(int offset) {
    return block[offset] == 0;
  }

  /** Octal digits, or (with the first bit set) a big-endian number, as GNU writes large ones. */
  long number(int offset, int length, String field) throws InvalidLayerException {
    if ((block[offset] & 0x80) != 0) {
      return binary(offset, length, field);
    }
    int at = offset;
    int end = offset + length;
    while (at < end && (block[at] == ' ' || block[at] == 0)) {
      at++;
    }
    long value = 0;
    while (at < end && block[at] != ' ' && block[at] != 0) {
      int digit = block[at++] - '0';
      if (digit < 0 || digit > 7) {
        throw bad(field);
      }
      value = value << 3 | digit;
    }
    return value;
  }

  private long binary(int offset, int length, String field) throws InvalidLayerException {
    boolean negative = (block[offset] & 0x40) != 0;
    long value = negative ? -1 : 0;
    for (int i = offset; i < offset + length; i++) {
      int b = block[i] & 0xff;
      if (i == offset) {
        b = negative ? b : b & 0x7f;
      }
      if (value >> 55 != (negative ? -1 : 0)) {
        throw bad(field);
      }
      value = value << 8 | b;
    }
    return value;
  }

  private InvalidLayerException bad(String field) {
    return new InvalidLayerException(
        "the tar entry " + Shown.name(name()) + " has no number for its " + field);
  }
}
