package dev.hull.agent.machine;

import dev.hull.agent.linux.Clock;
import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.Errno;
import dev.hull.agent.linux.Linux;
import dev.hull.agent.linux.LinuxException;
import dev.hull.agent.linux.Mounts;
import dev.hull.agent.linux.Power;
import dev.hull.agent.linux.Transfers;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Keeps a line for each call that changes the machine. */
final class FakeKernel {
  final List<String> calls = new ArrayList<>();
  boolean refuseMounts;

  /** So many mounts of a share find none yet. */
  int sharesToCome;

  Linux linux() {
    return new Linux(
        new Mounts() {
          @Override
          public void mount(String source, String target, String type, long flags, String data) {
            if (refuseMounts) {
              throw new LinuxException(Errno.EIO, "mount", source);
            }
            if (type.equals("virtiofs") && sharesToCome-- > 0) {
              throw new LinuxException(Errno.EINVAL, "mount", source);
            }
            calls.add("mount " + type + " " + source + " " + target);
          }

          @Override
          public void map(String target, int users) {
            calls.add("map " + target);
          }

          @Override
          public void unmount(String target, int flags) {
            calls.add("unmount " + target);
          }
        },
        new FakeDescriptors(),
        new NoTransfers(),
        new Power() {
          @Override
          public void sync() {
            calls.add("sync");
          }

          @Override
          public void powerOff() {
            calls.add("power off");
          }
        },
        new Clock() {
          @Override
          public void setRealtime(Instant now) {
            calls.add("clock " + now);
          }

          @Override
          public long bootMillis() {
            return 1234;
          }
        },
        name -> calls.add("hostname " + name));
  }

  private static final class NoTransfers implements Transfers {
    @Override
    public MemorySegment map(int bytes) {
      throw new AssertionError("map");
    }

    @Override
    public int read(int fd, MemorySegment memory, int offset, int length) {
      throw new AssertionError("read");
    }

    @Override
    public int write(int fd, MemorySegment memory, int offset, int length) {
      throw new AssertionError("write");
    }

    @Override
    public void poll(MemorySegment memory, int count, int timeoutMillis) {
      throw new AssertionError("poll");
    }
  }

  private final class FakeDescriptors implements Descriptors {
    @Override
    public int open(String path, int flags, int mode) {
      return 7;
    }

    @Override
    public int read(int fd, byte[] buffer, int offset, int length) {
      return 0;
    }

    @Override
    public int write(int fd, byte[] buffer, int offset, int length) {
      return length;
    }

    @Override
    public void close(int fd) {}

    @Override
    public int ioctl(int fd, long request, long argument) {
      calls.add("ioctl 0x" + Long.toHexString(request));
      return 0;
    }

    @Override
    public int ioctl(int fd, long request, byte[] structure) {
      calls.add("ioctl 0x" + Long.toHexString(request) + " of " + structure.length + " bytes");
      return 0;
    }

    @Override
    public short[] poll(int[] fds, short[] events, int timeoutMillis) {
      return events;
    }

    @Override
    public int watch(int fd) {
      throw new AssertionError("watch");
    }

    @Override
    public void awaitChange(int watch, int timeoutMillis) {
      throw new AssertionError("awaitChange");
    }

    @Override
    public int counter() {
      throw new AssertionError("counter");
    }

    @Override
    public int socket(int domain, int type, int protocol) {
      return 8;
    }
  }
}
