package dev.hull.guest.channel;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The head of what goes over the output line, a port of its own: beside gRPC, for an emulated agent
 * that carried processes' output in its messages would do little else.
 *
 * <pre>
 *   host                                     guest
 *    │── marker(line) ─────────────────────────▶│   as soon as it has connected
 *    │◀──────────────────────── marker(line) ───│   nothing of what came before belongs to it
 *    │            Processes.Output(line, flow, offset) by gRPC
 *    │◀─ STDOUT(flow, offset), bytes ───────────│
 *    │◀─ STDERR(flow, offset), bytes ───────────│
 *    │── ACKNOWLEDGEMENT(flow, offset) ────────▶│
 * </pre>
 *
 * <p>On the line, big-endian: kind (1 byte), zeros (3), flow (4), length of the bytes that follow
 * (4), zeros (4), offset (8), time (8).
 *
 * @param flow which call's output it is; the host numbers them from 1 on, for each line anew
 * @param length of what follows; 0 of an acknowledgement
 * @param offset of the first byte, counted over both streams of the process; everything below an
 *     acknowledged one has been kept safe
 * @param timeUnixNanos CLOCK_REALTIME of the guest when the bytes were read, in nanoseconds since
 *     1970; 0 of an acknowledgement
 */
public record OutputFrame(Kind kind, int flow, int length, long offset, long timeUnixNanos) {
  /** How long a head is. */
  public static final int HEAD_BYTES = 32;

  /** The most that follows one. */
  public static final int MAX_DATA_BYTES = 64 * 1024;

  /**
   * How many bytes of one flow may be under way, heads included: the guest stops reading from the
   * process there until some are acknowledged.
   */
  public static final int WINDOW_BYTES = 1 << 20;

  private static final int FLOW = 4;
  private static final int LENGTH = 8;
  private static final int OFFSET = 16;
  private static final int TIME = 24;

  /** What it is. */
  public enum Kind {
    STDOUT(1),
    STDERR(2),
    ACKNOWLEDGEMENT(3);

    private final byte code;

    Kind(int code) {
      this.code = (byte) code;
    }

    private static Optional<Kind> of(byte code) {
      return Arrays.stream(values()).filter(kind -> kind.code == code).findAny();
    }
  }

  /** Everything below {@code offset} has been kept safe. */
  public static OutputFrame acknowledgement(int flow, long offset) {
    return new OutputFrame(Kind.ACKNOWLEDGEMENT, flow, 0, offset, 0);
  }

  /**
   * Puts the head at an index of a big-endian buffer. It does not make an object, for the agent
   * does this for each piece.
   */
  public static void put(
      ByteBuffer buffer, int index, Kind kind, int flow, int length, long offset, long time) {
    buffer.putInt(index, kind.code << 24);
    buffer.putInt(index + FLOW, flow);
    buffer.putLong(index + LENGTH, (long) length << Integer.SIZE);
    buffer.putLong(index + OFFSET, offset);
    buffer.putLong(index + TIME, time);
  }

  /** Gives the frame whose head is at an index to another flow. */
  public static void giveTo(int flow, ByteBuffer buffer, int index) {
    buffer.putInt(index + FLOW, flow);
  }

  /** How many bytes follow the head at an index. */
  public static int length(ByteBuffer buffer, int index) {
    return buffer.getInt(index + LENGTH);
  }

  /** The offset in the head at an index. */
  public static long offset(ByteBuffer buffer, int index) {
    return buffer.getLong(index + OFFSET);
  }

  /** The head alone. */
  public byte[] encode() {
    ByteBuffer buffer = ByteBuffer.allocate(HEAD_BYTES);
    put(buffer, 0, kind, flow, length, offset, timeUnixNanos);
    return buffer.array();
  }

  /** The head at an index of a big-endian buffer; empty if there is none, or one that cannot be. */
  public static Optional<OutputFrame> decode(ByteBuffer buffer, int index) {
    int length = length(buffer, index);
    if (length < 0 || length > MAX_DATA_BYTES) {
      return Optional.empty();
    }
    return Kind.of(buffer.get(index))
        .map(
            kind ->
                new OutputFrame(
                    kind,
                    buffer.getInt(index + FLOW),
                    length,
                    offset(buffer, index),
                    buffer.getLong(index + TIME)));
  }
}
