package dev.hull.agent.container;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.Errno;
import dev.hull.agent.linux.Libc;
import dev.hull.agent.linux.LinuxException;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** By openat2(2), so that no link leads out of the root. */
final class NativeRootFiles implements RootFiles {
  private static final long OPENAT2 = 437;
  private static final long FSTAT = 5;
  private static final int RESOLVE_NO_MAGICLINKS = 2;
  private static final int RESOLVE_IN_ROOT = 16;
  private static final int STAT_BYTES = 144;
  private static final int STAT_MODE = 24;
  private static final int S_IFMT = 0xf000;
  private static final int S_IFREG = 0x8000;
  private static final int CHUNK = 8192;

  private final Libc libc;
  private final Descriptors descriptors;

  NativeRootFiles(Libc libc, Descriptors descriptors) {
    this.libc = libc;
    this.descriptors = descriptors;
  }

  @Override
  public String read(Path root, String path, int maxBytes) {
    int folder =
        descriptors.open(root.toString(), Descriptors.PATH_ONLY | Descriptors.DIRECTORY, 0);
    try {
      return read(folder, path, maxBytes);
    } catch (LinuxException e) {
      if (e.errno().equals(Errno.ENOENT) || e.errno().equals(Errno.ENOTDIR)) {
        return "";
      }
      throw e;
    } finally {
      descriptors.close(folder);
    }
  }

  private String read(int folder, String path, int maxBytes) {
    int fd = open(folder, path);
    try {
      if (!isRegular(fd)) {
        throw new IllegalArgumentException("the container's " + path + " is no regular file");
      }
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      byte[] buffer = new byte[CHUNK];
      int count;
      while ((count = descriptors.read(fd, buffer, 0, CHUNK)) > 0) {
        content.write(buffer, 0, count);
        if (content.size() > maxBytes) {
          throw new IllegalArgumentException(
              "the container's " + path + " has more than " + maxBytes + " bytes");
        }
      }
      return content.toString(StandardCharsets.UTF_8);
    } finally {
      descriptors.close(fd);
    }
  }

  private int open(int folder, String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment how = arena.allocate(JAVA_LONG, 3);
      // A FIFO would block the agent.
      how.setAtIndex(
          JAVA_LONG,
          0,
          Descriptors.READ_ONLY | Descriptors.NON_BLOCKING | Descriptors.CLOSE_ON_EXEC);
      how.setAtIndex(JAVA_LONG, 2, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
      return (int)
          libc.uninterrupted(
              "openat2",
              path,
              OPENAT2,
              folder,
              Libc.string(arena, path).address(),
              how.address(),
              how.byteSize());
    }
  }

  private boolean isRegular(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stat = arena.allocate(STAT_BYTES, 8);
      libc.syscall("fstat", "descriptor " + fd, FSTAT, fd, stat.address());
      return (stat.get(JAVA_INT, STAT_MODE) & S_IFMT) == S_IFREG;
    }
  }
}
