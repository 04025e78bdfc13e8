package dev.hull.agent.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.Errno;
import dev.hull.agent.linux.Libc;
import dev.hull.agent.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalInt;

/** The real calls, on x86-64. */
public final class NativeProcessCalls implements ProcessCalls {
  private static final long WAIT4 = 61;
  private static final long KILL = 62;
  private static final long FCNTL = 72;
  private static final long WAITID = 247;
  private static final long PIPE2 = 293;
  private static final long PIDFD_OPEN = 434;
  private static final long PIDFD_GETFD = 438;
  private static final int F_SETFD = 2;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_SETPIPE_SZ = 1031;
  private static final int P_ALL = 0;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = 0x01000000;
  private static final int SIGINFO_BYTES = 128;
  private static final int SIGINFO_PID = 16;

  private final Libc libc;

  public NativeProcessCalls(Libc libc) {
    this.libc = libc;
  }

  @Override
  public Pipe pipe() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(JAVA_INT, 2);
      libc.syscall("pipe2", "", PIPE2, ends.address(), Descriptors.CLOSE_ON_EXEC);
      return new Pipe(ends.getAtIndex(JAVA_INT, 0), ends.getAtIndex(JAVA_INT, 1));
    }
  }

  @Override
  public void widen(Pipe pipe) {
    libc.syscall(
        "fcntl",
        "descriptor " + pipe.readEnd(),
        FCNTL,
        pipe.readEnd(),
        F_SETPIPE_SZ,
        OUTPUT_PIPE_BYTES);
  }

  @Override
  public void inherit(int fd) {
    libc.syscall("fcntl", "descriptor " + fd, FCNTL, fd, F_SETFD, 0);
  }

  @Override
  public void dontBlock(int fd) {
    long flags = libc.syscall("fcntl", "descriptor " + fd, FCNTL, fd, F_GETFL);
    libc.syscall("fcntl", "descriptor " + fd, FCNTL, fd, F_SETFL, flags | Descriptors.NON_BLOCKING);
  }

  @Override
  public int spawn(String program, List<String> args) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment argv = arena.allocate(ADDRESS, args.size() + 1L);
      for (int i = 0; i < args.size(); i++) {
        argv.setAtIndex(ADDRESS, i, Libc.string(arena, args.get(i)));
      }
      // Memory is allocated zeroed, so that both arrays end with NULL.
      return libc.spawn(program, argv, arena.allocate(ADDRESS));
    }
  }

  @Override
  public OptionalInt awaitExit() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(SIGINFO_BYTES, 8);
      libc.uninterrupted(
          "waitid", "any child", WAITID, P_ALL, 0, info.address(), WEXITED | WNOWAIT, 0);
      return OptionalInt.of(info.get(JAVA_INT, SIGINFO_PID));
    } catch (LinuxException e) {
      if (e.errno().equals(Errno.ECHILD)) {
        return OptionalInt.empty();
      }
      throw e;
    }
  }

  @Override
  public int reap(int pid) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(JAVA_INT);
      libc.uninterrupted("wait4", "process " + pid, WAIT4, pid, status.address(), WNOHANG, 0);
      return status.get(JAVA_INT, 0);
    }
  }

  @Override
  public void kill(int pid, int signal) {
    libc.syscall("kill", "process " + pid + " with signal " + signal, KILL, pid, signal);
  }

  @Override
  public int openProcess(int pid) {
    return (int) libc.syscall("pidfd_open", "process " + pid, PIDFD_OPEN, pid, 0);
  }

  @Override
  public int takeDescriptor(int process, int fd) {
    return (int) libc.syscall("pidfd_getfd", "descriptor " + fd, PIDFD_GETFD, process, fd, 0);
  }
}
