package dev.hull.tests.harness;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A terminal with nobody before it: what a test types goes to the process on the other side, and
 * what that writes can be read. Closing it is a hang-up.
 */
public final class Pseudoterminal implements AutoCloseable {
  private static final int READ_WRITE = 2;
  private static final int NOT_OURS = 0400; // O_NOCTTY
  private static final long SET_SIZE = 0x5414; // TIOCSWINSZ
  private static final int MOST = 4096;

  private final Calls calls = new Calls();
  private final int descriptor;
  private final Path device;
  private final ByteArrayOutputStream seen = new ByteArrayOutputStream();

  /** Opens one of 80 by 24 characters. */
  public Pseudoterminal() throws IOException {
    descriptor = calls.open();
    device = calls.device(descriptor);
    resize(80, 24);
    var _ = Thread.ofPlatform().daemon().name("reads " + device).start(this::read);
  }

  /** What the process on the other side opens. */
  public Path device() {
    return device;
  }

  /** Everything that was written so far, with what was typed where it is echoed. */
  public String seen() {
    return seen.toString(StandardCharsets.UTF_8);
  }

  public void type(String text) throws IOException {
    calls.write(descriptor, text.getBytes(StandardCharsets.UTF_8));
  }

  public void resize(int columns, int rows) throws IOException {
    calls.resize(descriptor, columns, rows);
  }

  private void read() {
    try {
      byte[] bytes = calls.read(descriptor);
      while (bytes.length > 0) {
        seen.writeBytes(bytes);
        bytes = calls.read(descriptor);
      }
    } catch (IOException e) {
      // The last process on the other side has closed it.
    }
  }

  @Override
  public void close() throws IOException {
    calls.close(descriptor);
  }

  /** The C library's, for the JDK has no terminals. */
  private static final class Calls {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final Linker LINKER = Linker.nativeLinker();

    private final MethodHandle posixOpenpt = handle("posix_openpt", INT);
    private final MethodHandle grantpt = handle("grantpt", INT);
    private final MethodHandle unlockpt = handle("unlockpt", INT);
    private final MethodHandle ptsname = handle("ptsname_r", INT, ValueLayout.ADDRESS, LONG);
    private final MethodHandle read = bytes("read");
    private final MethodHandle write = bytes("write");
    private final MethodHandle close = handle("close", INT);
    private final MethodHandle ioctl =
        LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("ioctl"),
            FunctionDescriptor.of(INT, INT, LONG, ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(2));

    private static MethodHandle handle(String name, MemoryLayout... arguments) {
      return LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(INT, arguments));
    }

    private static MethodHandle bytes(String name) {
      return LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow(name),
          FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG));
    }

    private interface Call {
      long run() throws Throwable;
    }

    /**
     * Calls once. Why it failed the library does not tell without its errno; which call will do.
     */
    private static int call(String name, Call call) throws IOException {
      long result;
      try {
        result = call.run();
      } catch (Throwable e) {
        throw new IllegalStateException(name + " cannot be called", e);
      }
      if (result < 0) {
        throw new IOException(name + " failed");
      }
      return Math.toIntExact(result);
    }

    int open() throws IOException {
      int fd = call("posix_openpt", () -> (int) posixOpenpt.invokeExact(READ_WRITE | NOT_OURS));
      call("grantpt", () -> (int) grantpt.invokeExact(fd));
      call("unlockpt", () -> (int) unlockpt.invokeExact(fd));
      return fd;
    }

    Path device(int fd) throws IOException {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment name = arena.allocate(MOST);
        call("ptsname_r", () -> (int) ptsname.invokeExact(fd, name, (long) MOST));
        return Path.of(name.getString(0));
      }
    }

    void resize(int fd, int columns, int rows) throws IOException {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment size =
            arena.allocateFrom(
                ValueLayout.JAVA_SHORT, (short) rows, (short) columns, (short) 0, (short) 0);
        call("ioctl", () -> (int) ioctl.invokeExact(fd, SET_SIZE, size));
      }
    }

    byte[] read(int fd) throws IOException {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment buffer = arena.allocate(MOST);
        int count = call("read", () -> (long) read.invokeExact(fd, buffer, (long) MOST));
        return buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
      }
    }

    void write(int fd, byte[] bytes) throws IOException {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
        call("write", () -> (long) write.invokeExact(fd, buffer, (long) bytes.length));
      }
    }

    void close(int fd) throws IOException {
      call("close", () -> (int) close.invokeExact(fd));
    }
  }
}
