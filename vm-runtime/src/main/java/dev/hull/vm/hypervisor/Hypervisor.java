package dev.hull.vm.hypervisor;

import dev.hull.vm.MachineSize;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Runs domains: one per machine, each with a QEMU process and, for its share, a virtiofsd. A domain
 * exists from {@link #start} until it stops, for whatever reason; then nothing of it is left here,
 * and what it was given (tap, files, folders) is its owner's again. For example:
 *
 * <pre>{@code
 * hypervisor.onStopped(stopped -> log.warn("{} {}", stopped.domain(), stopped.detail()));
 * hypervisor.start(spec);
 * // connect to spec.ports().agent() and talk to the agent
 * hypervisor.attachDisk(spec.name(), Disk.vmdk(2, image));
 * hypervisor.detachDisk(spec.name(), 2);
 * hypervisor.destroy(spec.name());
 * }</pre>
 *
 * <p>Domains outlive this object and its process; the next one finds them in {@link #list}.
 *
 * <p>All methods block, each for a bounded time, and may be called from any thread; those of one
 * domain are carried out one after another. They throw {@link dev.hull.vm.MachineException}:
 * NOT_FOUND for a domain that does not exist or ends meanwhile, DEADLINE where a wait is over,
 * UNAVAILABLE when the hypervisor cannot be reached, INVALID for what can never work, INTERNAL for
 * the rest.
 */
public interface Hypervisor extends AutoCloseable {
  /**
   * Starts a domain and returns when its QEMU runs the guest and the agent's socket can be
   * connected to. On failure nothing of it is left, files and sockets named in the specification
   * apart. ALREADY_EXISTS if there is one of that name.
   */
  void start(DomainSpec spec);

  /**
   * Writes the state of a domain's devices and processors to a file, its memory apart, which is in
   * the file that its specification names. The guest stands still from then on; all that is left to
   * do with the domain is to destroy it.
   */
  void save(DomainName name, Path state);

  /**
   * Starts a domain that goes on where {@link #save} left another one of the same {@link #kinship}:
   * its memory file has what that one's had. It stands still until {@link #resume}, and devices may
   * be attached meanwhile. On failure nothing of it is left, as for {@link #start}.
   *
   * @param filled is called when QEMU is there and wants what is in the memory file, which has its
   *     full size from the beginning; returns when it is filled
   */
  void restore(DomainSpec spec, Path state, Runnable filled);

  /** Lets a guest that stands still run. */
  void resume(DomainName name);

  /** Lets a guest stand still, its clocks too, until {@link #resume}. */
  void pause(DomainName name);

  /**
   * What the host and the specification must have in common for a state that was saved of one
   * domain to fit another: equal texts fit. Does not depend on names and places of files.
   */
  String kinship(DomainSpec spec);

  /** Takes free memory from the guest down to so much, and lets it have all of it again. */
  void squeeze(DomainName name, int memoryMib);

  /**
   * Plugs in what a domain lacks to have at least {@code wanted}; it keeps what it has more. When
   * it returns, the guest has been told, or will be when it runs, and still has to take it into
   * use. May be called again after a failure, and goes on where it stopped. INVALID if it is more
   * than the specification's {@link SizeRange#most}; EXHAUSTED if the memory has been grown too
   * often.
   *
   * @return what it has now: memory comes in steps of {@value SizeRange#STEP_MIB} MiB
   */
  MachineSize grow(DomainName name, MachineSize wanted);

  /** What a domain started with, and how far it grows. */
  SizeRange sizes(DomainName name);

  /** Plugs the share in; when it returns, the guest has been told, or will be when it runs. */
  void attachShare(DomainName name, Path folder);

  /** As {@link #attachShare}, for a network card. */
  void attachNetwork(DomainName name, DomainSpec.NetworkCard card);

  /** Whether there is such a domain, and what it does. */
  Optional<DomainState> state(DomainName name);

  /** All domains, in the order of their names; also those that another process started. */
  List<DomainName> list();

  /**
   * Plugs a disk in; when it returns, the guest has been told. ALREADY_EXISTS if the unit is taken.
   * On failure the disk is not there.
   */
  void attachDisk(DomainName name, Disk disk);

  /**
   * Takes a disk away, wanted by the guest or not, and returns when QEMU has closed its files. Does
   * nothing if the unit is free. DEADLINE if QEMU keeps it; then it may be called again.
   */
  void detachDisk(DomainName name, int unit);

  /** What is plugged in, root and scratch disk included, by unit. */
  List<Disk> disks(DomainName name);

  /** The processes on the host that the domain is made of. */
  List<DomainProcess> processes(DomainName name);

  /**
   * Ends a domain at once and returns when its processes are gone. Does nothing if there is none.
   * DEADLINE if a process does not go; then it may be called again.
   */
  void destroy(DomainName name);

  /**
   * Calls {@code listener} once for each domain that stops, a destroyed one too, and after the last
   * of its console is in its log. It is called on a thread of its own, one event at a time. Domains
   * that stopped while nobody was connected are not told of: compare with {@link #list}.
   */
  void onStopped(Consumer<DomainStopped> listener);

  /** Lets go of the domains, which run on. Does nothing the second time. */
  @Override
  void close();
}
