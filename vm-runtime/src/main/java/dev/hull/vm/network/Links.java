package dev.hull.vm.network;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.vm.network.NetworkLease.Route;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Network namespaces and devices, by iproute2. */
final class Links {
  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final Path DEVICES = Path.of("/sys/class/net");
  private static final String INTERFACE = "eth0";
  private static final String BRIDGE = "hull-br";

  private final Commands commands;

  Links(Commands commands) {
    this.commands = commands;
  }

  /** What an interface has. */
  record Interface(String mac, int mtu, List<String> addresses) {}

  static Path namespacePath(String name) {
    return NAMESPACES.resolve(name);
  }

  static boolean namespaceExists(String name) {
    return Files.exists(namespacePath(name), LinkOption.NOFOLLOW_LINKS);
  }

  void addNamespace(String name) {
    commands.demand(List.of("ip", "netns", "add", name), "");
    commands.demand(List.of("ip", "-n", name, "link", "set", "lo", "up"), "");
  }

  /** Devices in it go with it: the bridge, a tap that was moved there, the plugins' veth. */
  void deleteNamespace(String name) {
    if (namespaceExists(name)) {
      commands.demand(List.of("ip", "netns", "delete", name), "");
    }
  }

  /** With a header for unfinished checksums and large segments, as QEMU's virtio wants it. */
  void addTap(String name, String owner, int mtu) {
    commands.demand(
        List.of("ip", "tuntap", "add", "dev", name, "mode", "tap", "user", owner, "vnet_hdr"), "");
    commands.demand(List.of("ip", "link", "set", "dev", name, "mtu", Integer.toString(mtu)), "");
  }

  void deleteFromHost(String name) {
    if (existsOnHost(name)) {
      commands.demand(List.of("ip", "link", "delete", "dev", name), "");
    }
  }

  static boolean existsOnHost(String name) {
    return Files.exists(DEVICES.resolve(name), LinkOption.NOFOLLOW_LINKS);
  }

  /** Empty if the interface is no bridge. */
  static List<String> ports(String bridge) {
    String[] names = DEVICES.resolve(bridge).resolve("brif").toFile().list();
    return names == null ? List.of() : List.of(names);
  }

  Interface describe(String namespace) {
    String json =
        commands.demand(
            List.of("ip", "-n", namespace, "-j", "address", "show", "dev", INTERFACE), "");
    JsonObject link = JsonParser.parseString(json).getAsJsonArray().get(0).getAsJsonObject();
    List<String> addresses = new ArrayList<>();
    for (JsonElement element : link.getAsJsonArray("addr_info")) {
      JsonObject address = element.getAsJsonObject();
      if (!address.get("scope").getAsString().equals("link")) {
        addresses.add(
            address.get("local").getAsString() + "/" + address.get("prefixlen").getAsInt());
      }
    }
    return new Interface(link.get("address").getAsString(), link.get("mtu").getAsInt(), addresses);
  }

  /**
   * The routes over the interface that a guest does not make by itself when it gets the addresses;
   * those on the link first, since gateways are reached by them.
   */
  List<Route> routes(String namespace) {
    List<Route> links = new ArrayList<>();
    List<Route> gateways = new ArrayList<>();
    for (String family : List.of("-4", "-6")) {
      String json =
          commands.demand(
              List.of("ip", "-n", namespace, "-j", family, "route", "show", "dev", INTERFACE), "");
      JsonArray all =
          json.isBlank() ? new JsonArray() : JsonParser.parseString(json).getAsJsonArray();
      for (JsonElement element : all) {
        JsonObject route = element.getAsJsonObject();
        if (route.has("protocol") && route.get("protocol").getAsString().equals("kernel")) {
          continue;
        }
        String destination = destination(route.get("dst").getAsString(), family);
        if (route.has("gateway")) {
          gateways.add(new Route(destination, route.get("gateway").getAsString()));
        } else {
          links.add(new Route(destination, ""));
        }
      }
    }
    links.addAll(gateways);
    return List.copyOf(links);
  }

  private static String destination(String shown, String family) {
    boolean four = family.equals("-4");
    if (shown.equals("default")) {
      return four ? "0.0.0.0/0" : "::/0";
    }
    return shown.contains("/") ? shown : shown + (four ? "/32" : "/128");
  }

  /**
   * Moves the tap in and joins it with the plugins' interface by a bridge. The bridge is a plain
   * wire: no spanning tree, no delay before it forwards, no address of its own. The interface's MAC
   * becomes the guest's, so the port takes another: a bridge swallows what is sent to its ports'.
   * The port learns no addresses: a plugin's bridge in hairpin mode sends the guest's own
   * broadcasts back, the guest would seem to be outside, and no answer of another pod would reach
   * it.
   */
  void join(String namespace, String tap, int mtu) {
    if (existsOnHost(tap)) {
      commands.demand(List.of("ip", "link", "set", "dev", tap, "netns", namespace), "");
    }
    String portMac = localMac(tap);
    String bridge =
        bridgeExists(namespace)
            ? ""
            : "link add name %s type bridge stp_state 0 forward_delay 0 mcast_snooping 0\n"
                .formatted(BRIDGE);
    String batch =
        bridge
            + """
            link set dev %1$s addrgenmode none
            link set dev %2$s addrgenmode none
            link set dev %3$s addrgenmode none
            address flush dev %2$s
            link set dev %2$s down
            link set dev %2$s address %4$s
            link set dev %2$s master %1$s
            link set dev %2$s type bridge_slave learning off
            link set dev %3$s mtu %5$d
            link set dev %3$s master %1$s
            link set dev %1$s mtu %5$d
            link set dev %2$s up
            link set dev %3$s up
            link set dev %1$s up
            """
                .formatted(BRIDGE, INTERFACE, tap, portMac, mtu);
    commands.demand(List.of("ip", "-n", namespace, "-batch", "-"), batch);
  }

  /**
   * Undoes {@link #join} before the plugins are told to delete: some find out what they have to
   * take back (masquerading, for one) by the addresses on the interface.
   */
  void separate(String namespace, NetworkLease lease) {
    if (!namespaceExists(namespace) || !bridgeExists(namespace)) {
      return;
    }
    StringBuilder batch = new StringBuilder();
    batch.append("link set dev %s nomaster\n".formatted(INTERFACE));
    batch.append("link set dev %s down\n".formatted(INTERFACE));
    batch.append("link set dev %s address %s\n".formatted(INTERFACE, lease.mac()));
    batch.append("link set dev %s up\n".formatted(INTERFACE));
    for (String address : lease.addresses()) {
      batch.append("address replace %s dev %s\n".formatted(address, INTERFACE));
    }
    batch.append("link delete dev %s\n".formatted(BRIDGE));
    commands.demand(List.of("ip", "-n", namespace, "-batch", "-"), batch.toString());
  }

  private boolean bridgeExists(String namespace) {
    String json = commands.demand(List.of("ip", "-n", namespace, "-j", "link", "show"), "");
    for (JsonElement element : JsonParser.parseString(json).getAsJsonArray()) {
      if (element.getAsJsonObject().get("ifname").getAsString().equals(BRIDGE)) {
        return true;
      }
    }
    return false;
  }

  /** A unicast address of those that nobody was sold, the same at every call. */
  private static String localMac(String tap) {
    String digits = tap.substring(tap.length() - 10);
    StringBuilder mac = new StringBuilder("06");
    for (int i = 0; i < 10; i += 2) {
      mac.append(':').append(digits, i, i + 2);
    }
    return mac.toString();
  }

  /** Every IPv4 network that the host has an address in or a route to. */
  List<String> hostNetworks() {
    String json = commands.demand(List.of("ip", "-j", "-4", "route", "show", "table", "all"), "");
    List<String> networks = new ArrayList<>();
    for (JsonElement element : JsonParser.parseString(json).getAsJsonArray()) {
      JsonObject route = element.getAsJsonObject();
      String destination = route.get("dst").getAsString();
      if (!destination.equals("default")) {
        networks.add(destination);
      }
    }
    return networks;
  }

  /** The network of a host's interface as the kernel routes to it; empty if it has none. */
  String subnet(String device) {
    String json =
        commands.demand(
            List.of("ip", "-j", "-4", "route", "show", "dev", device, "proto", "kernel"), "");
    JsonArray routes =
        json.isBlank() ? new JsonArray() : JsonParser.parseString(json).getAsJsonArray();
    return routes.isEmpty() ? "" : routes.get(0).getAsJsonObject().get("dst").getAsString();
  }

  /** The MTU of the interface that the default route leads over; 1500 without one. */
  int uplinkMtu() {
    String json = commands.demand(List.of("ip", "-j", "-4", "route", "show", "default"), "");
    if (json.isBlank()) {
      return 1500;
    }
    JsonArray routes = JsonParser.parseString(json).getAsJsonArray();
    if (routes.isEmpty() || !routes.get(0).getAsJsonObject().has("dev")) {
      return 1500;
    }
    String device = routes.get(0).getAsJsonObject().get("dev").getAsString();
    String link = commands.demand(List.of("ip", "-j", "link", "show", "dev", device), "");
    return JsonParser.parseString(link)
        .getAsJsonArray()
        .get(0)
        .getAsJsonObject()
        .get("mtu")
        .getAsInt();
  }
}
