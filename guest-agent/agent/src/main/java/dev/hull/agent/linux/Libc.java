package dev.hull.agent.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The C library. Linking a function costs tens of milliseconds at start, so that all system calls
 * go through one: {@code syscall(2)}. What the library itself does (posix_spawn) is bound with
 * {@link #bind}. Both are linked at their first use. May be used from any thread.
 */
public final class Libc {
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle STATE_ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final int ARGUMENTS = 6;

  private final Linker linker = Linker.nativeLinker();
  private volatile @Nullable MethodHandle syscall;

  /**
   * Calls the kernel.
   *
   * @param call the call's name, for the error
   * @param subject what it is about, for the error
   * @param number the call's number on x86-64
   * @param arguments at most six; addresses as {@link MemorySegment#address()}, of memory that
   *     lives until the call returns
   * @return what the call returned, never -1
   * @throws LinuxException if it returned -1
   */
  public long syscall(String call, String subject, long number, long... arguments) {
    long[] a = Arrays.copyOf(arguments, ARGUMENTS);
    MethodHandle handle = syscallHandle();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      // SAFETY: syscall(2) reads six registers at most; unused ones are ignored by the kernel.
      long result = (long) handle.invokeExact(state, number, a[0], a[1], a[2], a[3], a[4], a[5]);
      if (result == -1) {
        throw new LinuxException(errno(state), call, subject);
      }
      return result;
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("cannot call " + call + " through the C library", e);
    }
  }

  /** As {@link #syscall}, and made again for as long as a signal interrupts it. */
  public long uninterrupted(String call, String subject, long number, long... arguments) {
    while (true) {
      try {
        return syscall(call, subject, number, arguments);
      } catch (LinuxException e) {
        if (!e.errno().equals(Errno.EINTR)) {
          throw e;
        }
      }
    }
  }

  /**
   * Links a function of the C library. Its first parameter becomes the memory that takes errno: see
   * {@link #allocateState} and {@link #errno}.
   */
  public MethodHandle bind(String function, FunctionDescriptor descriptor) {
    MemorySegment address =
        linker
            .defaultLookup()
            .find(function)
            .orElseThrow(
                () -> new IllegalStateException("the C library has no function " + function));
    return linker.downcallHandle(address, descriptor, Linker.Option.captureCallState("errno"));
  }

  /** Memory for the first argument of a bound function. */
  public MemorySegment allocateState(Arena arena) {
    return arena.allocate(STATE);
  }

  /** What the last call with this memory left in errno. */
  public Errno errno(MemorySegment state) {
    return new Errno((int) STATE_ERRNO.get(state, 0L));
  }

  /** A C string. */
  public static MemorySegment string(Arena arena, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a NUL is in: " + text.replace("\0", "\\0"));
    }
    return arena.allocateFrom(text, StandardCharsets.UTF_8);
  }

  /** Two threads may link it at once, which is harmless. */
  private MethodHandle syscallHandle() {
    MethodHandle handle = syscall;
    if (handle == null) {
      handle = linkSyscall();
      syscall = handle;
    }
    return handle;
  }

  private MethodHandle linkSyscall() {
    MemorySegment address =
        linker
            .defaultLookup()
            .find("syscall")
            .orElseThrow(() -> new IllegalStateException("the C library has no function syscall"));
    return linker.downcallHandle(
        address,
        FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
        Linker.Option.firstVariadicArg(1),
        Linker.Option.captureCallState("errno"));
  }
}
