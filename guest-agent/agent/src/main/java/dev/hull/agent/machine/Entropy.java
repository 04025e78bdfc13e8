package dev.hull.agent.machine;

import dev.hull.agent.linux.Descriptors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The kernel's random pool: random(4). */
final class Entropy {
  private static final long RNDADDENTROPY = 0x40085203L;
  private static final long RNDRESEEDCRNG = 0x5207L;

  private final Descriptors descriptors;

  Entropy(Descriptors descriptors) {
    this.descriptors = descriptors;
  }

  /**
   * Credits the bytes and makes the kernel use them at once: after a restore every copy would else
   * go on with the same random numbers for minutes.
   */
  void add(byte[] bytes) {
    byte[] info =
        ByteBuffer.allocate(8 + bytes.length)
            .order(ByteOrder.nativeOrder())
            .putInt(bytes.length * 8)
            .putInt(bytes.length)
            .put(bytes)
            .array();
    int fd = descriptors.open("/dev/urandom", Descriptors.READ_WRITE, 0);
    try {
      descriptors.ioctl(fd, RNDADDENTROPY, info);
      descriptors.ioctl(fd, RNDRESEEDCRNG, 0);
    } finally {
      descriptors.close(fd);
    }
  }
}
