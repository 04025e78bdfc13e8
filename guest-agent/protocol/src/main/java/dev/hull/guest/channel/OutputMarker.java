package dev.hull.guest.channel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * Finds on the output line where a connection begins: what lies before it is of another one, which
 * may have ended in the middle of a frame. Not thread-safe.
 *
 * <p>A marker is as long as a frame's head: {@code hull-output-line}, the connection's number and
 * zeros. Both sides write as many zeros before it: whatever the other waits for ends in them. What
 * they end is no frame, or acknowledges less than it said, or is a marker of nobody.
 */
public final class OutputMarker {
  private static final byte[] MAGIC = "hull-output-line".getBytes(StandardCharsets.US_ASCII);

  private final ByteBuffer found = ByteBuffer.allocate(OutputFrame.HEAD_BYTES);

  /** What a side begins with. */
  public static byte[] opening(long line) {
    return ByteBuffer.allocate(2 * OutputFrame.HEAD_BYTES)
        .put(OutputFrame.HEAD_BYTES, of(line))
        .array();
  }

  /** The marker of the connection with this number. */
  public static byte[] of(long line) {
    return ByteBuffer.allocate(OutputFrame.HEAD_BYTES).put(MAGIC).putLong(line).array();
  }

  /** The number in the marker that ends with this byte; empty if none does. */
  public OptionalLong take(byte next) {
    int position = found.position();
    if (position < MAGIC.length && next != MAGIC[position]) {
      found.clear();
      // Its first byte is nowhere else in it, so no other start is missed.
      if (next == MAGIC[0]) {
        found.put(next);
      }
      return OptionalLong.empty();
    }
    found.put(next);
    if (found.hasRemaining()) {
      return OptionalLong.empty();
    }
    found.clear();
    return OptionalLong.of(found.getLong(MAGIC.length));
  }
}
