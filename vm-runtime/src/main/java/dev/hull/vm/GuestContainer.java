package dev.hull.vm;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A container of one machine. Methods block; they throw {@link MachineException}. */
public interface GuestContainer {
  ContainerSpec spec();

  /** The caller's data of {@link Machine#createContainer}, or of the last {@link #update}. */
  byte[] note();

  /**
   * What is known of it now: from the agent, or, when the machine has stopped, what was last seen,
   * with running containers counted as exited with 137 and the machine's reason.
   */
  State state();

  /** Who its first process is; empty before it was started. */
  Optional<User> user();

  /**
   * A user by numbers, as the image's files have resolved it.
   *
   * @param groups the supplementary ones; the user's own group is among them
   */
  record User(int uid, int gid, List<Integer> groups) {
    public User {
      groups = List.copyOf(groups);
    }
  }

  /**
   * Launches the first process. WRONG_STATE if it was started before; INVALID if the program cannot
   * be run.
   */
  void start();

  /**
   * Changes its limits: all of them, or none. {@link #spec} has them from then on, also after a
   * restart. WRONG_STATE if it has exited, or holds more memory than it is to have; INVALID for
   * what the guest's kernel does not take.
   *
   * @param resources absent ones get the kernel's default again, files of {@code unified} that are
   *     not named stay as they are
   * @param note takes the place of the caller's data
   */
  void update(ContainerSpec.Resources resources, int oomScoreAdj, byte[] note);

  /**
   * Signals the first process, or all. Does nothing if it has exited. {@code signal} is a Linux
   * number.
   */
  void signal(int signal, boolean allProcesses);

  /** Waits until it has exited. DEADLINE if it has not after {@code timeout}. */
  State.Exited await(Duration timeout);

  /** Kills what still runs, unmounts, unplugs, forgets. Does nothing the second time. */
  void remove();

  /**
   * The output of the first process from byte {@code offset} on, counted over both streams. Also
   * after a restart of this process: the agent keeps what was not acknowledged. Only the latest
   * caller gets output.
   */
  Output output(long offset);

  /**
   * Standard input and terminal of the first process, from its start on; several may write to it.
   * WRONG_STATE if it does not run.
   */
  Input input();

  /**
   * Starts a further process. {@code terminal} and {@code stdin} of {@code command} are honoured.
   */
  Exec exec(Command command);

  /** What to run by {@link #exec}; everything else is as the container's first process has it. */
  record Command(List<String> args, boolean terminal, boolean stdin) {
    public Command {
      args = List.copyOf(args);
    }
  }

  /**
   * Where a container is in its life.
   *
   * <pre>
   *   createContainer() ──▶ Created ──start()──▶ Running ──▶ Exited
   *                            └──start() failed──────────────▶┘
   * </pre>
   */
  sealed interface State {
    Instant createdAt();

    /** Prepared; no process yet. */
    record Created(Instant createdAt) implements State {}

    /** The first process runs. */
    record Running(Instant createdAt, Instant startedAt, int guestPid) implements State {}

    /**
     * Over. {@code startedAt} equals {@code Instant.EPOCH} if it never ran; {@code exitCode} is 128
     * + n after a death by signal n; {@code message} says why if it never ran or if the machine
     * died, and is empty otherwise.
     */
    record Exited(
        Instant createdAt,
        Instant startedAt,
        Instant finishedAt,
        int exitCode,
        boolean oomKilled,
        String message)
        implements State {}
  }

  /**
   * A stream of output. Not thread-safe; closing it keeps what was not acknowledged in the guest.
   */
  interface Output extends AutoCloseable {
    /**
     * Blocks for the next piece; null after the end of both streams. UNAVAILABLE if the connection
     * is lost.
     */
    @org.jspecify.annotations.Nullable
    Chunk next();

    /** Everything below {@code offset} has been kept safe; the agent may drop it. */
    void acknowledge(long offset);

    @Override
    void close();

    /**
     * Bytes that the guest read at {@code at} from standard output or, if {@code stderr}, standard
     * error.
     */
    record Chunk(long offset, boolean stderr, ByteBuffer data, Instant at) {}
  }

  /** What goes to a process. May be used by several threads. */
  interface Input {
    /**
     * Blocks until the process has taken the bytes. WRONG_STATE without stdin, after {@link
     * #closeInput}, or if nobody can read them any more.
     */
    void write(byte[] data);

    /**
     * The process reads the end of its input. Without effect on a terminal, whose input has no end
     * of its own. WRONG_STATE without stdin, or if it is closed.
     */
    void closeInput();

    /** Tells the terminal its size. WRONG_STATE without one. */
    void resize(int columns, int rows);
  }

  /**
   * A process started by {@link #exec}. Closing it kills the process if it still runs, and forgets
   * it.
   */
  interface Exec extends Input, AutoCloseable {
    Output output();

    void signal(int signal);

    /** The exit code. DEADLINE if it has not exited after {@code timeout}. */
    int await(Duration timeout);

    @Override
    void close();
  }
}
