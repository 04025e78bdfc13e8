package dev.hull.vm.network;

import com.google.common.hash.Hashing;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The network of a host without CNI configuration: a bridge, addresses from a private range, and
 * masquerading. Each root folder has one of its own, for two that share a bridge would give out the
 * same addresses.
 */
final class OwnNetwork {
  private static final int CANDIDATES = 16 * 55;

  private final Path root;
  private final Links links;
  private final boolean iptables;

  /**
   * @param root where the addresses that are given out are kept
   * @param iptables whether the host has it; without it guests reach no further than the host, and
   *     host ports do not work
   */
  OwnNetwork(Path root, Links links, boolean iptables) {
    this.root = root;
    this.links = links;
    this.iptables = iptables;
  }

  private int hash() {
    return Hashing.sha256().hashString(root.toString(), StandardCharsets.UTF_8).asInt() >>> 1;
  }

  String bridge() {
    return "hull-%06x".formatted(hash() & 0xffffff);
  }

  /**
   * While the bridge is there its part stays the same. Each plugin is a process in the way of the
   * pod's start, so there are only those that the pod wants.
   */
  String configuration(MachineSpec spec) {
    JsonObject bridge = new JsonObject();
    bridge.addProperty("type", "bridge");
    bridge.addProperty("bridge", bridge());
    bridge.addProperty("isGateway", true);
    bridge.addProperty("ipMasq", iptables);
    bridge.addProperty("hairpinMode", true);
    bridge.addProperty("mtu", links.uplinkMtu());
    JsonObject ipam = new JsonObject();
    ipam.addProperty("type", "host-local");
    ipam.addProperty("dataDir", root.resolve("addresses").toString());
    JsonObject range = new JsonObject();
    range.addProperty("subnet", subnet());
    JsonArray ranges = new JsonArray();
    ranges.add(range);
    JsonArray rangeSets = new JsonArray();
    rangeSets.add(ranges);
    ipam.add("ranges", rangeSets);
    JsonObject everywhere = new JsonObject();
    everywhere.addProperty("dst", "0.0.0.0/0");
    JsonArray routes = new JsonArray();
    routes.add(everywhere);
    ipam.add("routes", routes);
    bridge.add("ipam", ipam);
    JsonArray plugins = new JsonArray();
    plugins.add(bridge);
    if (CniCapability.BANDWIDTH.isWanted(spec)) {
      plugins.add(capable("bandwidth", CniCapability.BANDWIDTH));
    }
    if (iptables && CniCapability.PORT_MAPPINGS.isWanted(spec)) {
      plugins.add(capable("portmap", CniCapability.PORT_MAPPINGS));
    }
    JsonObject list = new JsonObject();
    list.addProperty("cniVersion", "1.0.0");
    list.addProperty("name", bridge());
    list.add("plugins", plugins);
    return list.toString();
  }

  private static JsonObject capable(String type, CniCapability capability) {
    JsonObject capabilities = new JsonObject();
    capabilities.addProperty(capability.key(), true);
    JsonObject plugin = new JsonObject();
    plugin.addProperty("type", type);
    plugin.add("capabilities", capabilities);
    return plugin;
  }

  /** Deletes the bridge when no pod is on it any more. */
  void removeIfUnused() {
    if (Links.existsOnHost(bridge()) && Links.ports(bridge()).isEmpty()) {
      links.deleteFromHost(bridge());
    }
  }

  /**
   * A network of 4096 addresses in 10.200.0.0 to 10.254.255.255 that the host does not know yet, or
   * that of the bridge if it is there. The search begins at a place that the root folder's name
   * gives, so that two roots rarely look at the same.
   */
  private String subnet() {
    if (Links.existsOnHost(bridge())) {
      String present = links.subnet(bridge());
      if (!present.isEmpty()) {
        return present;
      }
    }
    List<Cidr> taken = links.hostNetworks().stream().map(Cidr::parse).toList();
    for (int i = 0; i < CANDIDATES; i++) {
      int index = (hash() + i) % CANDIDATES;
      Cidr candidate = Cidr.parse("10.%d.%d.0/20".formatted(200 + index / 16, index % 16 * 16));
      if (taken.stream().noneMatch(candidate::overlaps)) {
        return candidate.toString();
      }
    }
    throw new MachineException(
        Kind.EXHAUSTED,
        "no network between 10.200.0.0 and 10.254.255.255 is free on this host; configure one for"
            + " CNI in /etc/cni/net.d");
  }
}
