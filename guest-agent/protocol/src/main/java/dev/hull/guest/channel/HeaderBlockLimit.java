package dev.hull.guest.channel;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Counts what a guest sends as one block of HTTP/2 headers. grpc-okhttp measures a block when it is
 * complete, and keeps all of one that never is.
 */
final class HeaderBlockLimit extends FilterInputStream {
  private static final int HEAD = 9;
  private static final int HEADERS = 1;
  private static final int PUSH_PROMISE = 5;
  private static final int CONTINUATION = 9;
  private static final int END_HEADERS = 4;

  private final int limit;
  private final byte[] head = new byte[HEAD];
  private int headFilled;
  private int payloadLeft;
  private boolean blockOpen;
  private int blockLength;

  /**
   * @param in HTTP/2 from its first frame
   * @param limit of a block, the heads of its frames included, in bytes
   */
  HeaderBlockLimit(InputStream in, int limit) {
    super(in);
    this.limit = limit;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = super.read(buffer, offset, length);
    int at = offset;
    while (at < offset + count) {
      int left = offset + count - at;
      if (payloadLeft > 0) {
        int piece = Math.min(payloadLeft, left);
        payloadLeft -= piece;
        at += piece;
      } else {
        int piece = Math.min(HEAD - headFilled, left);
        System.arraycopy(buffer, at, head, headFilled, piece);
        headFilled += piece;
        at += piece;
        if (headFilled == HEAD) {
          headFilled = 0;
          frameBegins();
        }
      }
    }
    return count;
  }

  private void frameBegins() throws IOException {
    payloadLeft =
        Byte.toUnsignedInt(head[0]) << 16
            | Byte.toUnsignedInt(head[1]) << 8
            | Byte.toUnsignedInt(head[2]);
    int type = head[3];
    boolean ends = (head[4] & END_HEADERS) != 0;
    if (type == HEADERS || type == PUSH_PROMISE) {
      blockOpen = !ends;
      blockLength = HEAD + payloadLeft;
    } else if (type == CONTINUATION && blockOpen) {
      blockOpen = !ends;
      blockLength += HEAD + payloadLeft;
      if (blockLength > limit) {
        throw new IOException("headers of more than %d bytes have no end".formatted(limit));
      }
    }
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
