package dev.hull.agent.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The C library, by way of the project's own native one ({@code guest-agent/launcher/calls.c}). Not
 * by {@code java.lang.foreign.Linker}: what that builds for the first call takes more than a second
 * of an emulated boot, and no AOT cache keeps it. May be used from any thread; a call blocks it.
 */
public final class Libc {
  private static final int ARGUMENTS = 6;
  private static final long SETNS = 308;
  private static final long CLONE_NEWNET = 0x40000000;

  /**
   * Loads the native library.
   *
   * @param library {@code libhull.so}
   */
  public Libc(Path library) {
    System.load(library.toString());
  }

  /**
   * SAFETY: the kernel reads six registers at most, and unused ones are ignored. Whoever passes an
   * address keeps the memory until the call returns.
   */
  private static native long call(long number, long a, long b, long c, long d, long e, long f);

  /** SAFETY: the arrays end with a null address and live until the call returns. */
  private static native int spawn(long program, long arguments, long variables);

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
    long result = call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (result < 0) {
      throw new LinuxException(new Errno((int) -result), call, subject);
    }
    return result;
  }

  /**
   * Calls the kernel, for calls that fail often: what it returned, which is an error's number below
   * zero if it failed.
   */
  long attempt(long number, long a, long b, long c) {
    return call(number, a, b, c, 0, 0, 0);
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
   * Takes the calling thread into the network namespace of a descriptor (setns(2)). It must be a
   * platform thread that ends there.
   */
  public void enterNetwork(int namespace) {
    syscall("setns", "a network namespace", SETNS, namespace, CLONE_NEWNET);
  }

  /**
   * Starts a program as a child of this process, with an empty environment and the descriptors that
   * are not closed on exec.
   *
   * @param arguments a null-terminated array of C strings, as is {@code variables}; both live until
   *     this returns
   * @return its process number
   */
  public int spawn(String program, MemorySegment arguments, MemorySegment variables) {
    try (Arena arena = Arena.ofConfined()) {
      int pid = spawn(string(arena, program).address(), arguments.address(), variables.address());
      if (pid < 0) {
        throw new LinuxException(new Errno(-pid), "posix_spawn", program);
      }
      return pid;
    }
  }

  /** A C string. */
  public static MemorySegment string(Arena arena, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a NUL is in: " + text.replace("\0", "\\0"));
    }
    return arena.allocateFrom(text, StandardCharsets.UTF_8);
  }
}
