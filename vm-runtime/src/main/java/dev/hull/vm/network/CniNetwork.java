package dev.hull.vm.network;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's network by CNI plugins. Each pod has a namespace {@code hull-} and its machine's short
 * id; in it a bridge joins the plugins' {@code eth0} with the tap of the guest's network card.
 */
public final class CniNetwork implements Network {
  /** Where the host's administrator puts the configuration. */
  public static final Path CONFIGURATIONS = Path.of("/etc/cni/net.d");

  /** Where distributions and Kubernetes put the plugins. */
  public static final List<Path> PLUGINS =
      List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni"));

  private static final Logger log = LoggerFactory.getLogger(CniNetwork.class);

  private static final Duration COMMAND_DEADLINE = Duration.ofSeconds(10);
  // Some plugins wait for a server elsewhere: DHCP, a cluster's data store.
  private static final Duration PLUGIN_DEADLINE = Duration.ofSeconds(60);

  private final Path configurations;
  private final String tapOwner;
  private final Links links;
  private final CniPlugins plugins;
  private final OwnNetwork own;
  // Shared by those that use the bridge of the own network, exclusive for removing it.
  private final ReadWriteLock bridge = new ReentrantReadWriteLock();

  /**
   * @param configurations usually {@link #CONFIGURATIONS}; need not exist
   * @param pluginFolders usually {@link #PLUGINS}
   * @param root a folder for the addresses of the network that is made if there is no configuration
   * @param tapOwner the user that QEMU runs as
   */
  public CniNetwork(Path configurations, List<Path> pluginFolders, Path root, String tapOwner) {
    this.configurations = configurations;
    this.tapOwner = tapOwner;
    this.links = new Links(new Commands(COMMAND_DEADLINE));
    this.plugins = new CniPlugins(pluginFolders, new Commands(PLUGIN_DEADLINE));
    boolean iptables =
        List.of("/usr/sbin/iptables", "/sbin/iptables", "/usr/bin/iptables").stream()
            .anyMatch(file -> Files.isExecutable(Path.of(file)));
    this.own = new OwnNetwork(root, links, iptables);
  }

  @Override
  public String configuration(MachineSpec spec) {
    return CniConfig.first(configurations).orElseGet(() -> own.configuration(spec));
  }

  @Override
  public NetworkLease acquire(MachineSpec spec, String configuration) {
    CniConfig config = CniConfig.parse(configuration, "of pod " + spec.podName());
    compare(config, spec);
    bridge.readLock().lock();
    try {
      return acquire(spec, config);
    } catch (MachineException e) {
      try {
        undo(spec, config, Optional.empty());
      } catch (MachineException undo) {
        e.addSuppressed(undo);
      }
      throw e;
    } finally {
      bridge.readLock().unlock();
    }
  }

  private NetworkLease acquire(MachineSpec spec, CniConfig config) {
    String namespace = name(spec);
    links.addNamespace(namespace);
    String result = plugins.add(config, spec, namespace(spec));
    Links.Interface eth = links.describe(namespace);
    String tap = tap(spec);
    links.addTap(tap, tapOwner, eth.mtu());
    return new NetworkLease(
        tap, eth.mac(), eth.mtu(), eth.addresses(), links.routes(namespace), dns(result), result);
  }

  /**
   * A port that silently leads nowhere would be worse than an error; a bandwidth that nobody bounds
   * is Kubernetes' usual case, and only told.
   */
  private static void compare(CniConfig config, MachineSpec spec) {
    if (CniCapability.PORT_MAPPINGS.isWanted(spec) && !config.can(CniCapability.PORT_MAPPINGS)) {
      throw new MachineException(
          Kind.INVALID,
          "pod %s wants host ports, but no plugin of the CNI network %s has the capability portMappings; install iptables, or add portmap to the configuration"
              .formatted(spec.podName(), config.name()));
    }
    if (CniCapability.BANDWIDTH.isWanted(spec) && !config.can(CniCapability.BANDWIDTH)) {
      log.warn(
          "pod {} has annotations for its bandwidth, but no plugin of the CNI network {} has the capability bandwidth, so nothing holds its traffic back; add the plugin bandwidth to the configuration",
          spec.podName(),
          config.name());
    }
  }

  @Override
  public void connect(MachineSpec spec, NetworkLease lease) {
    links.join(name(spec), lease.tap(), lease.mtu());
  }

  @Override
  public void release(MachineSpec spec, String configuration, Optional<NetworkLease> lease) {
    CniConfig config = CniConfig.parse(configuration, "of pod " + spec.podName());
    bridge.readLock().lock();
    try {
      undo(spec, config, lease);
    } finally {
      bridge.readLock().unlock();
    }
    if (config.name().equals(own.bridge()) && bridge.writeLock().tryLock()) {
      try {
        own.removeIfUnused();
      } finally {
        bridge.writeLock().unlock();
      }
    }
  }

  private void undo(MachineSpec spec, CniConfig config, Optional<NetworkLease> lease) {
    String namespace = name(spec);
    List<Runnable> steps = new ArrayList<>();
    steps.add(() -> links.deleteFromHost(tap(spec)));
    lease.ifPresent(given -> steps.add(() -> links.separate(namespace, given)));
    steps.add(
        () ->
            plugins.delete(
                config,
                spec,
                Links.namespaceExists(namespace) ? namespace(spec) : "",
                lease.map(NetworkLease::result)));
    steps.add(() -> links.deleteNamespace(namespace));
    MachineException failure = null;
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (MachineException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static MachineSpec.Dns dns(String result) {
    JsonObject json = JsonParser.parseString(result).getAsJsonObject();
    JsonElement dns = json.get("dns");
    if (dns == null || !dns.isJsonObject()) {
      return MachineSpec.Dns.NONE;
    }
    return new MachineSpec.Dns(
        strings(dns.getAsJsonObject(), "nameservers"),
        strings(dns.getAsJsonObject(), "search"),
        strings(dns.getAsJsonObject(), "options"));
  }

  private static List<String> strings(JsonObject json, String member) {
    JsonElement list = json.get(member);
    if (list == null || !list.isJsonArray()) {
      return List.of();
    }
    JsonArray array = list.getAsJsonArray();
    return array.asList().stream().map(JsonElement::getAsString).toList();
  }

  @Override
  public String namespace(MachineSpec spec) {
    return Links.namespacePath(name(spec)).toString();
  }

  private static String name(MachineSpec spec) {
    return "hull-" + spec.id().shortForm();
  }

  private static String tap(MachineSpec spec) {
    return "hl" + spec.id().shortForm();
  }
}
