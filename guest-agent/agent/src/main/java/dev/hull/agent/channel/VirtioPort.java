package dev.hull.agent.channel;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.Errno;
import dev.hull.agent.linux.LinuxException;
import dev.hull.guest.channel.Port;
import java.io.IOException;

/**
 * A virtio-serial port. The kernel tells by a hang-up that no host has connected; what is written
 * then is dropped. Blocks platform threads: one that reads and any that write.
 *
 * <p>While no host is there, poll(2) has the hang-up to tell and never waits. The device wakes who
 * waits when a host comes, and an edge-triggered watch hears of it.
 *
 * <p>Linux' driver loses wake-ups when two threads poll a port: each poll, whatever it asks for,
 * takes what has arrived off the device's queue, and the interrupt that finds the queue empty wakes
 * nobody. So a writer polls only when there is no room, and then has the reader look again.
 */
public final class VirtioPort implements Port {
  private static final int FOREVER = -1;
  private static final int COUNTER_BYTES = 8;

  private final Descriptors descriptors;
  private final int fd;
  private final int watch;
  private final int lookAgain;
  private boolean hostLeft;

  private VirtioPort(Descriptors descriptors, int fd) {
    this.descriptors = descriptors;
    this.fd = fd;
    this.watch = descriptors.watch(fd);
    this.lookAgain = descriptors.counter();
  }

  /** Opens the port's device file. A port can be open only once. */
  public static VirtioPort open(Descriptors descriptors, String device) {
    return new VirtioPort(
        descriptors,
        descriptors.open(device, Descriptors.READ_WRITE | Descriptors.NON_BLOCKING, 0));
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    while (true) {
      try {
        if (hostLeft) {
          awaitHost();
        }
        awaitBytes();
        int count = descriptors.read(fd, buffer, offset, length);
        hostLeft = count == 0;
        return hostLeft ? -1 : count;
      } catch (LinuxException e) {
        requireAgain(e);
      }
    }
  }

  @Override
  public void write(byte[] buffer, int offset, int length) throws IOException {
    int written = 0;
    while (written < length) {
      try {
        written += descriptors.write(fd, buffer, offset + written, length - written);
      } catch (LinuxException e) {
        requireAgain(e);
        if (!awaitRoom()) {
          return;
        }
      }
    }
  }

  private static void requireAgain(LinuxException e) throws IOException {
    if (!e.errno().equals(Errno.EAGAIN)) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void awaitHost() {
    do {
      descriptors.awaitChange(watch, FOREVER);
    } while ((descriptors.poll(new int[] {fd}, new short[] {Descriptors.POLL_IN}, 0)[0]
            & Descriptors.POLL_HANG_UP)
        != 0);
  }

  /** Until there is something to read, a hang-up included. */
  private void awaitBytes() {
    int[] both = {fd, lookAgain};
    short[] in = {Descriptors.POLL_IN, Descriptors.POLL_IN};
    for (short[] ready = descriptors.poll(both, in, FOREVER);
        ready[0] == 0;
        ready = descriptors.poll(both, in, FOREVER)) {
      var _ = descriptors.read(lookAgain, new byte[COUNTER_BYTES], 0, COUNTER_BYTES);
    }
  }

  /** False if there is no host that could make room. */
  private boolean awaitRoom() {
    short ready = descriptors.poll(new int[] {fd}, new short[] {Descriptors.POLL_OUT}, FOREVER)[0];
    byte[] one = new byte[COUNTER_BYTES];
    one[0] = 1;
    descriptors.write(lookAgain, one, 0, COUNTER_BYTES);
    return (ready & Descriptors.POLL_OUT) != 0;
  }

  @Override
  public void close() {
    descriptors.close(watch);
    descriptors.close(fd);
    descriptors.close(lookAgain);
  }
}
