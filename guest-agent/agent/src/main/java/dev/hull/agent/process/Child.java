package dev.hull.agent.process;

import dev.hull.agent.linux.Errno;
import dev.hull.agent.linux.LinuxException;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/**
 * A child process of the agent. A signal never reaches a stranger that got the same pid: the pid is
 * the child's until it is reaped, and reaping and signalling exclude each other.
 */
public final class Child {
  private static final int SIGNAL_MASK = 0x7f;

  private final ProcessCalls calls;
  private final int pid;
  private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
  private boolean reaped;

  Child(ProcessCalls calls, int pid) {
    this.calls = calls;
    this.pid = pid;
  }

  public int pid() {
    return pid;
  }

  /**
   * Completes with the exit code, or 128 and the signal's number, on the reaper's thread: what
   * depends on it must not block.
   */
  public CompletableFuture<Integer> exitCode() {
    return exitCode;
  }

  /** Signals the process. Does nothing if it has exited. */
  public synchronized void signal(int signal) {
    if (!reaped) {
      kill(pid, signal);
    }
  }

  /** Signals the process and all of its process group. Does nothing if it has exited. */
  public synchronized void signalGroup(int signal) {
    if (!reaped) {
      kill(-pid, signal);
    }
  }

  /**
   * A descriptor that stands for the process, to be closed by the caller; empty if it has exited.
   */
  public synchronized OptionalInt open() {
    return reaped ? OptionalInt.empty() : OptionalInt.of(calls.openProcess(pid));
  }

  private void kill(int target, int signal) {
    try {
      calls.kill(target, signal);
    } catch (LinuxException e) {
      if (!e.errno().equals(Errno.ESRCH)) {
        throw e;
      }
    }
  }

  void reap() {
    int status;
    synchronized (this) {
      status = calls.reap(pid);
      reaped = true;
    }
    exitCode.complete(code(status));
  }

  synchronized void exited(int status) {
    reaped = true;
    exitCode.complete(code(status));
  }

  /** What a shell makes of wait's status word. */
  static int code(int status) {
    int signal = status & SIGNAL_MASK;
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal;
  }
}
