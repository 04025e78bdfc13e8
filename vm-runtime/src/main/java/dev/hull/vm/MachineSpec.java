package dev.hull.vm;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Everything that must be known to start a machine.
 *
 * @param podName with {@code podNamespace} and {@code podUid}: what CNI plugins are told
 *     (K8S_POD_NAME and so on)
 * @param hostname the guest's; at most 64 characters
 * @param scratchBytes the size of the disk that holds the containers' writable layers; a sparse
 *     file
 * @param sysctls kernel parameters of the pod, set in the guest
 * @param users empty where the containers' ids are the guest's
 */
public record MachineSpec(
    MachineId id,
    String podName,
    String podNamespace,
    String podUid,
    String hostname,
    MachineSize size,
    Dns dns,
    List<PortMapping> portMappings,
    Bandwidth bandwidth,
    Map<String, String> sysctls,
    Optional<UserNamespace> users,
    long scratchBytes) {

  public MachineSpec {
    portMappings = List.copyOf(portMappings);
    sysctls = Map.copyOf(sysctls);
    if (hostname.length() > 64) {
      throw new IllegalArgumentException("hostname is longer than 64 characters: " + hostname);
    }
    if (scratchBytes <= 0) {
      throw new IllegalArgumentException("scratchBytes must be positive: " + scratchBytes);
    }
  }

  /** The guest's /etc/resolv.conf. */
  public record Dns(List<String> servers, List<String> searches, List<String> options) {
    public static final Dns NONE = new Dns(List.of(), List.of(), List.of());

    public Dns {
      servers = List.copyOf(servers);
      searches = List.copyOf(searches);
      options = List.copyOf(options);
    }
  }

  /**
   * A port of the host that leads into the pod, by CNI's portmap plugin. {@code hostIp} may be
   * empty.
   */
  public record PortMapping(Protocol protocol, int containerPort, int hostPort, String hostIp) {
    /** The protocols that CNI's portmap knows. */
    public enum Protocol {
      TCP,
      UDP,
      SCTP
    }
  }

  /**
   * How much traffic CNI's bandwidth plugin lets through, in bits per second as the pod sees it; an
   * empty direction is not held back.
   */
  public record Bandwidth(OptionalLong ingress, OptionalLong egress) {
    public static final Bandwidth UNBOUNDED =
        new Bandwidth(OptionalLong.empty(), OptionalLong.empty());
  }
}
