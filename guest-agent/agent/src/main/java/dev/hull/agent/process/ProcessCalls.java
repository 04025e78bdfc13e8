package dev.hull.agent.process;

import java.util.List;
import java.util.OptionalInt;

/**
 * The system calls that make, end and look after processes. All throw {@link
 * dev.hull.agent.linux.LinuxException}.
 */
public interface ProcessCalls {
  int OUTPUT_PIPE_BYTES = 256 * 1024;

  /** Both ends close on exec. */
  Pipe pipe();

  /**
   * Lets a pipe hold as many bytes as {@link #OUTPUT_PIPE_BYTES}: who writes much then waits less
   * often, and each wait is a reader's waking too, of which an emulated machine bears few.
   */
  void widen(Pipe pipe);

  /** Lets processes spawned from now on have this descriptor. */
  void inherit(int fd);

  /** Makes reads and writes fail with EAGAIN where they would block. */
  void dontBlock(int fd);

  /** Runs a program with an empty environment and returns its pid. */
  int spawn(String program, List<String> args);

  /**
   * Blocks until a child has exited and returns its pid, leaving it to be reaped. Empty if there
   * are no children.
   */
  OptionalInt awaitExit();

  /** Takes the exit of a child that has exited, as wait(2)'s status word. */
  int reap(int pid);

  /** Signals a process, or, if {@code pid} is negative, the process group of that number. */
  void kill(int pid, int signal);

  /** A descriptor that stands for the process, whatever becomes of its number. */
  int openProcess(int pid);

  /** A copy of the descriptor {@code fd} of another process. */
  int takeDescriptor(int process, int fd);

  /** Two ends of a pipe. */
  record Pipe(int readEnd, int writeEnd) {}
}
