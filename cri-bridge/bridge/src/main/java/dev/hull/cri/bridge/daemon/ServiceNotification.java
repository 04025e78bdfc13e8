package dev.hull.cri.bridge.daemon;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a service manager how the daemon is, as sd_notify(3) describes it: a datagram to the Unix
 * socket that NOTIFY_SOCKET names. The JDK has no Unix datagram sockets, hence the system calls.
 */
final class ServiceNotification {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceNotification.class);
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int PATH_BYTES = 108;

  private final String socket;

  /**
   * {@code socket} as NOTIFY_SOCKET has it: a path, or a name after {@code @}; empty for nobody.
   */
  ServiceNotification(String socket) {
    this.socket = socket;
  }

  /** {@code state} is for example {@code READY=1}. A failure is logged and nothing else. */
  void send(String state) {
    if (socket.isEmpty()) {
      return;
    }
    byte[] name = socket.getBytes(StandardCharsets.UTF_8);
    if (name.length >= PATH_BYTES || (name[0] != '/' && name[0] != '@')) {
      LOG.atWarn().log("NOTIFY_SOCKET is neither a path nor an abstract name: {}", socket);
      return;
    }
    if (name[0] == '@') {
      name[0] = 0;
    }
    try {
      deliver(name, state.getBytes(StandardCharsets.UTF_8));
    } catch (Throwable e) {
      LOG.atWarn().log("cannot tell the service manager {}: {}", state, e.toString());
    }
  }

  private static void deliver(byte[] name, byte[] state) throws Throwable {
    MethodHandle create =
        function("socket", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    MethodHandle sendTo =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("sendto"),
                FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_INT));
    MethodHandle close = function("close", ValueLayout.JAVA_INT);
    // SAFETY: the segments live until the calls that read them have returned; the address's length
    // is that of what was written into it, which is at most sizeof(struct sockaddr_un).
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(2 + PATH_BYTES, 2);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, 2, name.length);
      // A path ends with its NUL; an abstract name with its last byte.
      int length = 2 + name.length + (name[0] == 0 ? 0 : 1);
      MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, state);
      int descriptor = (int) create.invokeExact(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      if (descriptor < 0) {
        throw new IllegalStateException("socket() failed");
      }
      try {
        long sent =
            (long) sendTo.invokeExact(descriptor, data, (long) state.length, 0, address, length);
        if (sent != state.length) {
          throw new IllegalStateException("sendto() failed");
        }
      } finally {
        int _ = (int) close.invokeExact(descriptor);
      }
    }
  }

  private static MethodHandle function(String name, ValueLayout.OfInt... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(
            Linker.nativeLinker().defaultLookup().findOrThrow(name),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
  }
}
