package dev.hull.vm;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * All machines of one root folder. For example:
 *
 * <pre>{@code
 * Machine machine = machines.start(spec, Map.of("sandbox", config.toByteArray()));
 * GuestContainer nginx = machine.createContainer(containerSpec, note);
 * nginx.start();
 * int code = nginx.await().exitCode();
 * nginx.remove();
 * machine.stop(Duration.ofSeconds(2));
 * machine.remove();
 * }</pre>
 *
 * <p>Every change is in the journal before it is made, so a process that is killed at any point
 * leaves nothing that its successor does not find: running machines are adopted with their
 * containers, half-made ones released.
 *
 * <p>All methods may be called from any thread, and block; those of one machine are serialised
 * where they must be. They throw {@link MachineException}.
 */
public interface Machines extends AutoCloseable {
  /**
   * Starts a machine, as a copy of one of its size that was {@linkplain #prepare prepared} or by a
   * boot, and returns when its agent has answered, its network is up and its identity is set. On
   * failure everything acquired is released first; if the guest did not come up in time, the error
   * has its last console lines. ALREADY_EXISTS if there is a machine of this id, EXHAUSTED if it
   * does not fit the host's free memory.
   *
   * @param note the caller's own data about the machine, kept with it in the journal and never
   *     looked into
   */
  Machine start(MachineSpec spec, byte[] note);

  /**
   * Makes starts of machines of this size quick from now on, unless they are; takes as long as a
   * machine's boot. A failure is a warning in the log: machines boot.
   *
   * @return whether they are
   */
  boolean prepare(MachineSize size);

  /**
   * Keeps so many machines of this size standing by for pods to come: started, without a pod, their
   * guests standing still. They take room like any other machine, and give way to one that would
   * else not fit. Returns at once; they are made in the background, of what was {@linkplain
   * #prepare prepared}. A failure is a warning in the log.
   *
   * @param count 0 for none any more
   */
  void keepSpares(int count, MachineSize size, long scratchBytes);

  /** How many stand by now. */
  int spares();

  /**
   * The id that the next machine like this is to be started with: of one that stands by, if there
   * is one, which {@link #start} then takes; else a new one.
   */
  Reservation reserve(MachineSize size, long scratchBytes);

  /** Of a machine's id. Closing it without a start gives it back. */
  interface Reservation extends AutoCloseable {
    MachineId id();

    @Override
    void close();
  }

  /**
   * Machines that run or have stopped and have not been removed, including those adopted after a
   * restart.
   */
  List<Machine> list();

  Optional<Machine> find(MachineId id);

  /**
   * Calls {@code listener} whenever a machine dies by itself or a container exits. It is called on
   * a thread of its own, one event at a time, and must not block for long.
   */
  void onEvent(Consumer<MachineEvent> listener);

  /** Lets go of all machines without stopping them; a later process adopts them. */
  @Override
  void close();
}
