package dev.hull.cri.bridge.seccomp;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import java.nio.file.Path;

/** Files that exist in memory only, for a library that writes to descriptors (memfd_create(2)). */
interface MemoryFile extends Library {
  static MemoryFile load() {
    return Native.load("c", MemoryFile.class);
  }

  /** {@code MFD_CLOEXEC}. */
  int CLOSE_ON_EXEC = 1;

  int memfd_create(String name, int flags) throws LastErrorException;

  int close(int descriptor) throws LastErrorException;

  default Open open() {
    return new Open(this, memfd_create("seccomp", CLOSE_ON_EXEC));
  }

  /** One of them. */
  record Open(MemoryFile library, int descriptor) implements AutoCloseable {
    Path path() {
      return Path.of("/proc/self/fd/" + descriptor);
    }

    @Override
    public void close() {
      var _ = library.close(descriptor);
    }
  }
}
