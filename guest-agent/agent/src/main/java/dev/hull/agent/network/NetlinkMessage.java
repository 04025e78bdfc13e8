package dev.hull.agent.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One request of rtnetlink(7) being written: header, the fixed part of its kind, then attributes.
 * Numbers are in the machine's order, lengths are padded to four bytes.
 */
final class NetlinkMessage {
  static final short NEW_LINK = 16;
  static final short NEW_ADDRESS = 20;
  static final short NEW_ROUTE = 24;
  static final int CREATE = 0x400;
  static final int REPLACE = 0x100;

  private static final int REQUEST = 1;
  private static final int ACKNOWLEDGE = 4;
  private static final int MAX = 1024;
  private static final int ALIGNMENT = 4;

  private final ByteBuffer buffer = ByteBuffer.allocate(MAX).order(ByteOrder.nativeOrder());

  NetlinkMessage(short type, int flags, int sequence) {
    buffer.putInt(0);
    buffer.putShort(type);
    buffer.putShort((short) (REQUEST | ACKNOWLEDGE | flags));
    buffer.putInt(sequence);
    buffer.putInt(0);
  }

  NetlinkMessage u8(int value) {
    buffer.put((byte) value);
    return this;
  }

  NetlinkMessage u16(int value) {
    buffer.putShort((short) value);
    return this;
  }

  NetlinkMessage u32(int value) {
    buffer.putInt(value);
    return this;
  }

  NetlinkMessage attribute(int type, byte[] value) {
    buffer.putShort((short) (4 + value.length));
    buffer.putShort((short) type);
    buffer.put(value);
    while (buffer.position() % ALIGNMENT != 0) {
      buffer.put((byte) 0);
    }
    return this;
  }

  NetlinkMessage attribute(int type, int value) {
    return attribute(
        type, ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array());
  }

  NetlinkMessage attribute(int type, String value) {
    return attribute(type, (value + "\0").getBytes(StandardCharsets.US_ASCII));
  }

  byte[] encode() {
    buffer.putInt(0, buffer.position());
    return Arrays.copyOf(buffer.array(), buffer.position());
  }
}
