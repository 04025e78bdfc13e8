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
