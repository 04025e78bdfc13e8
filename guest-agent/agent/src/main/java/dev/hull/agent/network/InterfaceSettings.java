package dev.hull.agent.network;

import dev.hull.guest.v1.ConfigureInterfaceRequest;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** What an interface is to be, checked. Routes on the link come before those that need them. */
record InterfaceSettings(
    String name, String mac, int mtu, List<Cidr> addresses, List<Route> routes, Duration patience) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,15}");
  private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");
  private static final int MIN_MTU = 68;
  private static final int MAX_MTU = 65536;
  private static final int MAX_ENTRIES = 64;
  private static final long MAX_WAIT_MILLIS = 60_000;

  /** A route; without a gateway it is on the link. */
  record Route(Cidr destination, Optional<InetAddress> gateway) {}

  static InterfaceSettings from(ConfigureInterfaceRequest request) {
    String name = request.getName();
    if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException("not a name of an interface: \"" + name + "\"");
    }
    String mac = request.getMac().toLowerCase(Locale.ROOT);
    if (!MAC.matcher(mac).matches()) {
      throw new IllegalArgumentException("not a MAC address: \"" + request.getMac() + "\"");
    }
    if (request.getMtu() < MIN_MTU || request.getMtu() > MAX_MTU) {
      throw new IllegalArgumentException(
          "mtu must be %d to %d, is %s"
              .formatted(MIN_MTU, MAX_MTU, Integer.toUnsignedString(request.getMtu())));
    }
    if (request.getWaitMillis() < 0 || request.getWaitMillis() > MAX_WAIT_MILLIS) {
      throw new IllegalArgumentException("wait_millis must be 0 to " + MAX_WAIT_MILLIS);
    }
    if (request.getAddressesCount() > MAX_ENTRIES || request.getRoutesCount() > MAX_ENTRIES) {
      throw new IllegalArgumentException(
          "more than " + MAX_ENTRIES + " addresses or routes for interface " + name);
    }
    return new InterfaceSettings(
        name,
        mac,
        request.getMtu(),
        request.getAddressesList().stream().map(Cidr::parse).toList(),
        routes(request.getRoutesList()),
        Duration.ofMillis(request.getWaitMillis()));
  }

  private static List<Route> routes(List<dev.hull.guest.v1.Route> requested) {
    List<Route> onLink = new ArrayList<>();
    List<Route> byGateway = new ArrayList<>();
    for (dev.hull.guest.v1.Route route : requested) {
      Cidr destination = Cidr.parse(route.getDestination());
      if (route.getGateway().isEmpty()) {
        onLink.add(new Route(destination, Optional.empty()));
        continue;
      }
      InetAddress gateway = Cidr.literal(route.getGateway());
      if (gateway.getAddress().length != destination.address().getAddress().length) {
        throw new IllegalArgumentException(
            "route to %s by a gateway of the other family: %s"
                .formatted(destination, route.getGateway()));
      }
      byGateway.add(new Route(destination, Optional.of(gateway)));
    }
    onLink.addAll(byGateway);
    return List.copyOf(onLink);
  }
}
