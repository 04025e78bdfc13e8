package dev.hull.cri.bridge.session;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One of the streams in a client's connection. Methods block the calling thread while the other
 * side is slow: nothing is kept beyond small bounds. One thread reads and one writes.
 */
public interface ByteStream {
  /**
   * The next bytes from the client; null after its end of the stream.
   *
   * @throws IOException if the stream was reset or the connection has ended
   */
  byte @Nullable [] read() throws IOException;

  /**
   * From now on, what comes from the client is dropped, so that it holds up no other stream; {@link
   * #read} says that it has ended.
   */
  void discard();

  /**
   * Sends to the client.
   *
   * @throws IOException if the stream was reset or the connection has ended
   */
  void write(byte[] data) throws IOException;

  /** Nothing more will be written. Does nothing the second time, or when the client is gone. */
  void finish();
}
