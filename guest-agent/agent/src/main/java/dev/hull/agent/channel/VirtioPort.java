package dev.hull.agent.channel;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.Errno;
import dev.hull.agent.linux.LinuxException;
import dev.hull.guest.channel.Port;
import java.io.IOException;

/**
 * A virtio-serial port. The kernel tells by a hang-up that no host has connected; a write would
 * then block until one comes, so that it is dropped instead. Blocks platform threads.
 *
 * <p>While no host is there, poll(2) has the hang-up to tell and never waits. The device wakes who
 * waits when a host comes, and an edge-triggered watch hears of it.
 */
public final class VirtioPort implements Port {
  private static final int FOREVER = -1;

  private final Descriptors descriptors;
  private final int fd;
  private final int watch;
  private boolean hostLeft;

  private VirtioPort(Descriptors descriptors, int fd, int watch) {
    this.descriptors = descriptors;
    this.fd = fd;
    this.watch = watch;
  }

  /** Opens the port's device file. A port can be open only once. */
  public static VirtioPort open(Descriptors descriptors, String device) {
    int fd = descriptors.open(device, Descriptors.READ_WRITE | Descriptors.NON_BLOCKING, 0);
    return new VirtioPort(descriptors, fd, descriptors.watch(fd));
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    while (true) {
      try {
        if (hostLeft) {
          awaitHost();
        }
        await(Descriptors.POLL_IN);
        int count = descriptors.read(fd, buffer, offset, length);
        hostLeft = count == 0;
        return hostLeft ? -1 : count;
      } catch (LinuxException e) {
        if (!e.errno().equals(Errno.EAGAIN)) {
          throw new IOException(e.getMessage(), e);
        }
      }
    }
  }

  @Override
  public void write(byte[] buffer, int offset, int length) throws IOException {
    int written = 0;
    while (written < length) {
      try {
        if ((await(Descriptors.POLL_OUT) & Descriptors.POLL_OUT) == 0) {
          return;
        }
        written += descriptors.write(fd, buffer, offset + written, length - written);
      } catch (LinuxException e) {
        if (!e.errno().equals(Errno.EAGAIN)) {
          throw new IOException(e.getMessage(), e);
        }
      }
    }
  }

  private void awaitHost() {
    do {
      descriptors.awaitChange(watch);
    } while ((descriptors.poll(new int[] {fd}, new short[] {Descriptors.POLL_IN}, 0)[0]
            & Descriptors.POLL_HANG_UP)
        != 0);
  }

  private short await(short event) {
    return descriptors.poll(new int[] {fd}, new short[] {event}, FOREVER)[0];
  }

  @Override
  public void close() {
    descriptors.close(watch);
    descriptors.close(fd);
  }
}
