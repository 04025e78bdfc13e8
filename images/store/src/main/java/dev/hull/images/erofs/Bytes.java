package dev.hull.images.erofs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that grow; numbers are little-endian. */
final class Bytes {
  private byte[] bytes;
  private int length;

  Bytes(int capacity) {
    bytes = new byte[capacity];
  }

  byte[] array() {
    return bytes;
  }

  int length() {
    return length;
  }

  void clear() {
    length = 0;
  }

  Bytes u8(int value) {
    room(1);
    bytes[length++] = (byte) value;
    return this;
  }

  Bytes u16(int value) {
    return u8(value).u8(value >> 8);
  }

  Bytes u32(int value) {
    return u16(value).u16(value >> 16);
  }

  Bytes u64(long value) {
    return u32((int) value).u32((int) (value >> 32));
  }

  Bytes string(String byteString) {
    return put(byteString.getBytes(StandardCharsets.ISO_8859_1));
  }

  Bytes put(byte[] more) {
    return put(more, more.length);
  }

  Bytes put(byte[] more, int count) {
    room(count);
    System.arraycopy(more, 0, bytes, length, count);
    length += count;
    return this;
  }

  Bytes zeros(int count) {
    room(count);
    Arrays.fill(bytes, length, length + count, (byte) 0);
    length += count;
    return this;
  }

  private void room(int count) {
    if (bytes.length - length < count) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
    }
  }
}
