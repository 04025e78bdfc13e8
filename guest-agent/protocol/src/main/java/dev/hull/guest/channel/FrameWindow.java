package dev.hull.guest.channel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/**
 * The last bytes of a line: finds the handshake's frames among others, and never asks for more than
 * one needs.
 */
final class FrameWindow {
  private final byte[] bytes = new byte[HandshakeFrame.LENGTH];
  private final ByteBuffer filled = ByteBuffer.wrap(bytes);

  /**
   * Reads what may still belong to a frame; returns how many bytes, or a negative number at the
   * end.
   */
  int readFrom(InputStream in) throws IOException {
    int count = in.read(bytes, filled.position(), filled.remaining());
    if (count > 0) {
      filled.position(filled.position() + count);
    }
    return count;
  }

  /** As {@link #readFrom(InputStream)}; 0 if a non-blocking channel has nothing now. */
  int readFrom(ReadableByteChannel in) throws IOException {
    return in.read(filled);
  }

  /** The frame that the bytes so far complete; bytes that cannot begin one are dropped. */
  Optional<HandshakeFrame> take() {
    while (true) {
      int length = filled.position();
      int start = HandshakeFrame.possibleStart(bytes, length);
      if (start > 0) {
        System.arraycopy(bytes, start, bytes, 0, length - start);
        filled.position(length - start);
      }
      if (filled.hasRemaining()) {
        return Optional.empty();
      }
      Optional<HandshakeFrame> frame = HandshakeFrame.decode(bytes);
      if (frame.isPresent()) {
        filled.clear();
        return frame;
      }
      // The magic of no frame that we know: look for one behind its first byte.
      bytes[0] = 0;
    }
  }
}
