package dev.hull.vm.network;

import dev.hull.vm.MachineSpec.Dns;
import java.util.List;

/**
 * What a machine got: the tap for its network card, what its guest is to configure, and what the
 * plugins want to be told when it is given back.
 *
 * @param tap the tap's name, in the host's namespace until {@link Network#connect}
 * @param mac the guest's
 * @param addresses in CIDR notation: {@code 10.88.0.5/16}
 * @param routes in the order in which they can be made
 * @param result the result of the plugins as they gave it, JSON
 */
public record NetworkLease(
    String tap,
    String mac,
    int mtu,
    List<String> addresses,
    List<Route> routes,
    Dns dns,
    String result) {
  public NetworkLease {
    addresses = List.copyOf(addresses);
    routes = List.copyOf(routes);
  }

  /** {@code destination} in CIDR notation; an empty {@code gateway} means the link itself. */
  public record Route(String destination, String gateway) {}
}
