package dev.hull.guest.channel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/**
 * One message of the handshake that begins a connection:
 *
 * <pre>
 *   host                       guest
 *    │── HELLO(versions) ───────▶│   repeated until answered: the guest may still be booting
 *    │◀────── WELCOME(version) ──│   one for each HELLO that arrives
 *    │── GO ────────────────────▶│
 *    │◀───────────── STARTED ────│   from here on both ways carry HTTP/2
 * </pre>
 *
 * <p>All four carry the attempt's nonce. Either side discards whatever is not the message that it
 * waits for: a serial line keeps bytes of an earlier connection, and the guest's memory may have
 * been restored.
 *
 * <p>On the line: 12 bytes {@code hull-channel}, kind, lowest version, highest version, zero (a
 * byte each), and 16 bytes of nonce. WELCOME has the version agreed on twice, or the guest's range
 * if there is none.
 */
record HandshakeFrame(Kind kind, int minVersion, int maxVersion, UUID nonce) {
  static final int LENGTH = 32;
  private static final byte[] MAGIC = "hull-channel".getBytes(StandardCharsets.US_ASCII);

  enum Kind {
    HELLO(1),
    WELCOME(2),
    GO(3),
    STARTED(4);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    private static Optional<Kind> of(int code) {
      return Arrays.stream(values()).filter(kind -> kind.code == code).findAny();
    }
  }

  byte[] encode() {
    return ByteBuffer.allocate(LENGTH)
        .put(MAGIC)
        .put((byte) kind.code)
        .put((byte) minVersion)
        .put((byte) maxVersion)
        .put((byte) 0)
        .putLong(nonce.getMostSignificantBits())
        .putLong(nonce.getLeastSignificantBits())
        .array();
  }

  /** The frame in these 32 bytes, if they are one. */
  static Optional<HandshakeFrame> decode(byte[] bytes) {
    if (possibleStart(bytes, LENGTH) != 0) {
      return Optional.empty();
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes, MAGIC.length, LENGTH - MAGIC.length);
    Optional<Kind> kind = Kind.of(buffer.get());
    int min = Byte.toUnsignedInt(buffer.get());
    int max = Byte.toUnsignedInt(buffer.get());
    buffer.get();
    UUID nonce = new UUID(buffer.getLong(), buffer.getLong());
    return kind.map(known -> new HandshakeFrame(known, min, max, nonce));
  }

  /** The first index at which a frame may begin, as far as the first {@code length} bytes tell. */
  static int possibleStart(byte[] bytes, int length) {
    for (int start = 0; start < length; start++) {
      int compared = Math.min(MAGIC.length, length - start);
      if (Arrays.equals(bytes, start, start + compared, MAGIC, 0, compared)) {
        return start;
      }
    }
    return length;
  }
}
