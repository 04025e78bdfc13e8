package dev.hull.agent;

import dev.hull.agent.linux.Clock;
import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.Linux;
import dev.hull.agent.linux.Mounts;
import dev.hull.agent.linux.Power;
import java.time.Instant;

/**
 * The kernel of a rehearsal: what no namespace contains is left out, all else is done. The clock
 * and the random pool are the machine's, and mounts need what only a guest has.
 */
final class Stage {
  private final Linux real;

  Stage(Linux real) {
    this.real = real;
  }

  Linux linux() {
    return new Linux(
        new NoMounts(),
        new NoDevices(real.descriptors()),
        real.transfers(),
        new Exit(),
        new FixedClock(real.clock()),
        real.hostname());
  }

  private static final class NoMounts implements Mounts {
    @Override
    public void mount(String source, String target, String type, long flags, String data) {}

    @Override
    public void map(String target, int users) {}

    @Override
    public void unmount(String target, int flags) {}
  }

  private record NoDevices(Descriptors real) implements Descriptors {
    @Override
    public int open(String path, int flags, int mode) {
      return real.open(path, flags, mode);
    }

    @Override
    public int read(int fd, byte[] buffer, int offset, int length) {
      return real.read(fd, buffer, offset, length);
    }

    @Override
    public int write(int fd, byte[] buffer, int offset, int length) {
      return real.write(fd, buffer, offset, length);
    }

    @Override
    public void close(int fd) {
      real.close(fd);
    }

    @Override
    public int ioctl(int fd, long request, long argument) {
      return 0;
    }

    @Override
    public int ioctl(int fd, long request, byte[] structure) {
      return 0;
    }

    @Override
    public short[] poll(int[] fds, short[] events, int timeoutMillis) {
      return real.poll(fds, events, timeoutMillis);
    }

    @Override
    public int watch(int fd) {
      return real.watch(fd);
    }

    @Override
    public void awaitChange(int watch, int timeoutMillis) {
      real.awaitChange(watch, timeoutMillis);
    }

    @Override
    public int counter() {
      return real.counter();
    }

    @Override
    public int socket(int domain, int type, int protocol) {
      return real.socket(domain, type, protocol);
    }
  }

  private record FixedClock(Clock real) implements Clock {
    @Override
    public void setRealtime(Instant now) {}

    @Override
    public long bootMillis() {
      return real.bootMillis();
    }
  }

  /** Ends the process in order, for only then its recording is written. */
  private static final class Exit implements Power {
    @Override
    public void sync() {}

    @Override
    public void powerOff() {
      System.exit(0);
    }
  }
}
