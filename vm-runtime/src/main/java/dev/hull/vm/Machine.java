package dev.hull.vm;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One microVM. See {@link Machines} for an example, threads and errors. */
public interface Machine {
  MachineSpec spec();

  MachineState state();

  /** What it has now: at least what its specification says, and what it was grown to since. */
  MachineSize size();

  /**
   * Gives a running machine at least so much, and returns when its guest has it. It keeps what it
   * has more: asking for less changes nothing. After a failure it may have more than before, which
   * is what {@link #size} says, and may be asked again. WRONG_STATE if the machine does not run,
   * INVALID for more than it can ever have, EXHAUSTED if it does not fit the host's free memory,
   * DEADLINE if the guest does not take it.
   */
  void grow(MachineSize wanted);

  /**
   * What its guest and containers use now, as the guest counts it. Waits for nothing but the guest.
   * WRONG_STATE if the machine does not run, DEADLINE if the guest does not answer in time,
   * UNAVAILABLE if it cannot be reached.
   */
  MachineUsage usage(Duration deadline);

  /** The caller's data of {@link Machines#start}. */
  byte[] note();

  /** The path of the pod's network namespace on the host; it exists while the machine runs. */
  String networkNamespace();

  /**
   * What happened between the call and the answer of {@link Machines#start}, in order. Empty after
   * a restart.
   */
  List<TimelineStep> timeline();

  /**
   * Plugs the image in if it is not, binds the volumes into the share, and has the agent prepare
   * the container. On failure nothing of it is left. WRONG_STATE if the machine does not run.
   *
   * @param note the caller's own data about the container
   */
  GuestContainer createContainer(ContainerSpec spec, byte[] note);

  /** All containers that were created and not removed, also after the machine has stopped. */
  List<GuestContainer> containers();

  Optional<GuestContainer> container(String id);

  /**
   * Connects to a server of the pod as its own programs do: to localhost, so also to one that
   * listens nowhere else. Blocks until the connection stands. WRONG_STATE if nothing listens or the
   * machine does not run, EXHAUSTED if there are too many.
   *
   * @param port 1 to 65535
   */
  PodConnection connect(int port);

  /**
   * Ends the machine: the agent is asked to power off, giving containers {@code grace} between
   * SIGTERM and SIGKILL; then the domain is destroyed and network, share and disks are released.
   * Does nothing on a stopped one. If something cannot be released, it throws, and stays to be
   * called again.
   */
  void stop(Duration grace);

  /**
   * Stops it if it runs, without grace, and forgets it with its containers. Does nothing the second
   * time.
   */
  void remove();

  /**
   * A step of a start: name (for example {@code network}, {@code domain}, {@code kernel}, {@code
   * agent}), when it began after the start of the call, and how long it took.
   */
  record TimelineStep(String name, Duration began, Duration took) {}
}
