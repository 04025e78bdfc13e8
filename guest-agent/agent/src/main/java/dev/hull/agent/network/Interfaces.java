package dev.hull.agent.network;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.network.InterfaceSettings.Route;
import dev.hull.agent.network.Links.Link;
import dev.hull.agent.users.PodNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;

/** Sets interfaces up. Doing it again with the same settings changes nothing. */
final class Interfaces {
  private static final int LOOPBACK_INDEX = 1;
  private static final int UP = 1;
  private static final int AF_UNSPEC = 0;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int LINK_NAME = 3;
  private static final int LINK_MTU = 4;
  private static final int LINK_NAMESPACE = 28;
  private static final int ADDRESS = 1;
  private static final int ADDRESS_LOCAL = 2;
  private static final int ADDRESS_BROADCAST = 4;
  private static final int ADDRESS_NO_DUPLICATE_DETECTION = 2;
  private static final int ROUTE_DESTINATION = 1;
  private static final int ROUTE_INTERFACE = 4;
  private static final int ROUTE_GATEWAY = 5;
  private static final int TABLE_MAIN = 254;
  private static final int PROTOCOL_STATIC = 4;
  private static final int SCOPE_UNIVERSE = 0;
  private static final int SCOPE_LINK = 253;
  private static final int TYPE_UNICAST = 1;

  private final Descriptors descriptors;
  private final PodNetwork network;
  private final Links links;
  private final Path ipv6Settings;
  // By MAC, those that are out of the agent's sight.
  private final Map<String, Link> moved = new ConcurrentHashMap<>();

  /**
   * @param ipv6Settings {@code /proc/sys/net/ipv6/conf}
   */
  Interfaces(Descriptors descriptors, PodNetwork network, Links links, Path ipv6Settings) {
    this.descriptors = descriptors;
    this.network = network;
    this.links = links;
    this.ipv6Settings = ipv6Settings;
  }

  void configure(InterfaceSettings settings) throws IOException, TimeoutException {
    Link link = moved.get(settings.mac());
    if (link == null) {
      link = links.await(settings.mac(), settings.patience());
      if (network.namespace().isPresent()) {
        move(link, network.namespace().getAsInt());
        moved.put(settings.mac(), link);
      }
    }
    Link found = link;
    network.run(() -> configure(found, settings));
  }

  /** It keeps its index, which nothing has in a namespace with a loopback alone. */
  private void move(Link link, int namespace) {
    try (Netlink netlink = new Netlink(descriptors)) {
      netlink.send(
          linkMessage(netlink, link.index(), 0, 0).attribute(LINK_NAMESPACE, namespace),
          "move",
          link.name() + " to the pod's users");
    }
  }

  private void configure(Link link, InterfaceSettings settings) throws IOException {
    try (Netlink netlink = new Netlink(descriptors)) {
      setUp(netlink, LOOPBACK_INDEX, true, "lo");
      if (!link.name().equals(settings.name())) {
        // The kernel renames only what is down.
        setUp(netlink, link.index(), false, link.name());
        netlink.send(
            linkMessage(netlink, link.index(), 0, 0).attribute(LINK_NAME, settings.name()),
            "rename " + link.name() + " to",
            settings.name());
      }
      netlink.send(
          linkMessage(netlink, link.index(), 0, 0).attribute(LINK_MTU, settings.mtu()),
          "set MTU " + settings.mtu() + " of",
          settings.name());
      refuseRouterAdvertisements(settings.name());
      setUp(netlink, link.index(), true, settings.name());
      for (Cidr address : settings.addresses()) {
        addAddress(netlink, link.index(), address, settings.name());
      }
      for (Route route : settings.routes()) {
        addRoute(netlink, link.index(), route, settings.name());
      }
    }
  }

  private static void setUp(Netlink netlink, int index, boolean up, String name) {
    netlink.send(linkMessage(netlink, index, up ? UP : 0, UP), up ? "bring up" : "take down", name);
  }

  private static NetlinkMessage linkMessage(Netlink netlink, int index, int flags, int changed) {
    return netlink
        .message(NetlinkMessage.NEW_LINK, 0)
        .u8(AF_UNSPEC)
        .u8(0)
        .u16(0)
        .u32(index)
        .u32(flags)
        .u32(changed);
  }

  /** The pod's addresses are CNI's alone; any neighbour could else give it more. */
  private void refuseRouterAdvertisements(String name) throws IOException {
    Path setting = ipv6Settings.resolve(name).resolve("accept_ra");
    if (Files.exists(setting)) {
      Files.writeString(setting, "0");
    }
  }

  private static void addAddress(Netlink netlink, int index, Cidr address, String name) {
    byte[] bytes = address.address().getAddress();
    NetlinkMessage message =
        netlink
            .message(NetlinkMessage.NEW_ADDRESS, NetlinkMessage.CREATE | NetlinkMessage.REPLACE)
            .u8(address.isIpv4() ? AF_INET : AF_INET6)
            .u8(address.prefix())
            // CNI has seen to it that the address is the only one; detection takes seconds.
            .u8(address.isIpv4() ? 0 : ADDRESS_NO_DUPLICATE_DETECTION)
            .u8(SCOPE_UNIVERSE)
            .u32(index)
            .attribute(ADDRESS_LOCAL, bytes)
            .attribute(ADDRESS, bytes);
    if (address.isIpv4() && address.prefix() < 31) {
      message.attribute(ADDRESS_BROADCAST, address.broadcast());
    }
    netlink.send(message, "add address", address + " to " + name);
  }

  private static void addRoute(Netlink netlink, int index, Route route, String name) {
    NetlinkMessage message =
        netlink
            .message(NetlinkMessage.NEW_ROUTE, NetlinkMessage.CREATE | NetlinkMessage.REPLACE)
            .u8(route.destination().isIpv4() ? AF_INET : AF_INET6)
            .u8(route.destination().prefix())
            .u8(0)
            .u8(0)
            .u8(TABLE_MAIN)
            .u8(PROTOCOL_STATIC)
            .u8(route.gateway().isPresent() ? SCOPE_UNIVERSE : SCOPE_LINK)
            .u8(TYPE_UNICAST)
            .u32(0);
    if (route.destination().prefix() > 0) {
      message.attribute(ROUTE_DESTINATION, route.destination().address().getAddress());
    }
    route.gateway().ifPresent(gateway -> message.attribute(ROUTE_GATEWAY, gateway.getAddress()));
    message.attribute(ROUTE_INTERFACE, index);
    netlink.send(message, "add route to", route.destination() + " by " + name);
  }
}
