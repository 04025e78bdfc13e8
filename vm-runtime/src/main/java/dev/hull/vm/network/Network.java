package dev.hull.vm.network;

import dev.hull.vm.MachineSpec;
import java.util.Optional;

/**
 * Gives a machine its place on the network. For example:
 *
 * <pre>{@code
 * String configuration = network.configuration(spec);
 * journal.append(new NetworkPlanned(configuration));
 * NetworkLease lease = network.acquire(spec, configuration);
 * hypervisor.start(domainWith(lease.tap(), lease.mac(), lease.mtu()));
 * network.connect(spec, lease);
 * // the guest takes over lease.mac(), lease.addresses() and lease.routes()
 * network.release(spec, configuration, Optional.of(lease));
 * }</pre>
 *
 * <p>All methods block, each for a bounded time, and may be called from any thread, for one machine
 * by one thread at a time. They throw {@link dev.hull.vm.MachineException}.
 */
public interface Network {
  /**
   * What {@link #acquire} is to use for this machine now: to be kept by the caller, since {@link
   * #release} wants the same, whatever the host's configuration says by then. INVALID if the host's
   * is wrong.
   */
  String configuration(MachineSpec spec);

  /**
   * Makes the namespace, has the plugins put an interface into it, and makes the tap in the host's
   * namespace. On failure everything is released first.
   */
  NetworkLease acquire(MachineSpec spec, String configuration);

  /** Moves the tap into the namespace and joins it with the interface there. Idempotent. */
  void connect(MachineSpec spec, NetworkLease lease);

  /**
   * Takes all of it back, also what a killed process left half-made. Does nothing the second time.
   * If something cannot be released, the rest is, and it throws, to be called again.
   *
   * @param lease empty if {@link #acquire} never answered
   */
  void release(MachineSpec spec, String configuration, Optional<NetworkLease> lease);

  /** The path of the machine's network namespace, there or not. */
  String namespace(MachineSpec spec);
}
