package dev.hull.guest.channel;

import java.io.IOException;

/**
 * The guest's end of the serial line to the host: the seam between the handshake and the device.
 */
public interface Port extends AutoCloseable {
  /**
   * Blocks for at least one byte.
   *
   * @return how many were read, or -1 if the host has gone; the next call waits for another
   */
  int read(byte[] buffer, int offset, int length) throws IOException;

  /** Blocks until all bytes are taken, or lost because no host is at the other end. */
  void write(byte[] buffer, int offset, int length) throws IOException;

  @Override
  void close() throws IOException;
}
