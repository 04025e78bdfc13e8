package dev.hull.cri.bridge.log;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Output as lines of a CRI log: {@code <RFC 3339 with nanoseconds> <stdout|stderr> <P|F> <bytes>}.
 * P marks a piece that the next piece of the same stream continues; a line longer than 16 KiB is
 * split into such pieces, and what is written without a line end is kept at once, as a piece.
 */
final class CriLines {
  static final int PIECE_BYTES = 16 * 1024;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.nnnnnnnnn'Z'").withZone(ZoneOffset.UTC);

  private CriLines() {}

  /** The lines, and whether the last of them is a piece that has to go on. */
  record Text(ByteBuffer bytes, boolean partial) {}

  static Text format(Instant at, boolean stderr, ByteBuffer data) {
    String head = head(at, stderr);
    ByteArrayOutputStream out = new ByteArrayOutputStream(data.remaining() + 256);
    boolean partial = false;
    while (data.hasRemaining()) {
      int end = lineEnd(data);
      boolean whole = end >= 0 && end - data.position() <= PIECE_BYTES;
      int length = whole ? end - data.position() : Math.min(PIECE_BYTES, data.remaining());
      byte[] piece = new byte[length];
      data.get(piece);
      if (whole) {
        data.get();
      }
      line(out, head, whole, piece);
      partial = !whole;
    }
    return new Text(ByteBuffer.wrap(out.toByteArray()), partial);
  }

  /** What ends a line whose stream ended without a line end. */
  static ByteBuffer end(Instant at, boolean stderr) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    line(out, head(at, stderr), true, new byte[0]);
    return ByteBuffer.wrap(out.toByteArray());
  }

  private static String head(Instant at, boolean stderr) {
    return TIME.format(at) + (stderr ? " stderr " : " stdout ");
  }

  private static void line(ByteArrayOutputStream out, String head, boolean whole, byte[] piece) {
    out.writeBytes((head + (whole ? "F " : "P ")).getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(piece);
    out.write('\n');
  }

  private static int lineEnd(ByteBuffer data) {
    int limit = Math.min(data.limit(), data.position() + PIECE_BYTES + 1);
    for (int i = data.position(); i < limit; i++) {
      if (data.get(i) == '\n') {
        return i;
      }
    }
    return -1;
  }
}
