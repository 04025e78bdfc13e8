package dev.hull.cri.bridge.sandbox;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.namespace.UserNamespaces;
import dev.hull.cri.bridge.resources.PodSizes;
import dev.hull.cri.kubernetes.BandwidthAnnotation;
import dev.hull.cri.v1.LinuxPodSandboxConfig;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.MachineSpec.Bandwidth;
import dev.hull.vm.MachineSpec.PortMapping;
import dev.hull.vm.Machines;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** From CRI's sandbox to the machine that is to be started for it. */
public final class SandboxSpecs {
  private static final Pattern HOSTNAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?");

  private final PodSizes sizes;
  private final long scratchBytes;
  private final HostDns hostDns;

  /**
   * @param scratchBytes of the disk of a pod's writable layers
   */
  public SandboxSpecs(PodSizes sizes, long scratchBytes, HostDns hostDns) {
    this.sizes = sizes;
    this.scratchBytes = scratchBytes;
    this.hostDns = hostDns;
  }

  /** An id for the machine of this sandbox. */
  Machines.Reservation reserve(Machines machines, PodSandboxConfig config) {
    return machines.reserve(size(config.getLinux()), scratchBytes);
  }

  MachineSpec spec(MachineId id, PodSandboxConfig config) {
    return new MachineSpec(
        id,
        config.getMetadata().getName(),
        config.getMetadata().getNamespace(),
        config.getMetadata().getUid(),
        hostname(config),
        size(config.getLinux()),
        dns(config),
        config.getPortMappingsList().stream()
            .filter(mapping -> mapping.getHostPort() != 0)
            .map(SandboxSpecs::portMapping)
            .toList(),
        bandwidth(config),
        config.getLinux().getSysctlsMap(),
        UserNamespaces.of(config.getLinux().getSecurityContext().getNamespaceOptions()),
        scratchBytes);
  }

  /** CRI leaves it empty only for pods on the host's network; then the pod's name serves. */
  private static String hostname(PodSandboxConfig config) {
    String asked = config.getHostname();
    if (asked.isEmpty()) {
      String name = config.getMetadata().getName();
      asked = name.substring(0, Math.min(name.length(), 63));
    }
    if (!HOSTNAME.matcher(asked).matches()) {
      throw Refusal.invalid(
          "config.hostname must be 1 to 64 letters, digits, dots and hyphens: " + asked);
    }
    return asked;
  }

  private MachineSpec.Dns dns(PodSandboxConfig config) {
    if (!config.hasDnsConfig()) {
      return hostDns.read();
    }
    var dns = config.getDnsConfig();
    for (List<String> words :
        List.of(dns.getServersList(), dns.getSearchesList(), dns.getOptionsList())) {
      for (String word : words) {
        if (word.isEmpty() || word.chars().anyMatch(c -> c <= ' ')) {
          throw Refusal.invalid(
              "config.dns_config must be words without spaces and line ends: '%s'"
                  .formatted(word.replace("\n", "\\n")));
        }
      }
    }
    return new MachineSpec.Dns(dns.getServersList(), dns.getSearchesList(), dns.getOptionsList());
  }

  private static PortMapping portMapping(dev.hull.cri.v1.PortMapping mapping) {
    checkPort("container_port", mapping.getContainerPort());
    checkPort("host_port", mapping.getHostPort());
    return new PortMapping(
        switch (mapping.getProtocol()) {
          case TCP -> PortMapping.Protocol.TCP;
          case UDP -> PortMapping.Protocol.UDP;
          case SCTP -> PortMapping.Protocol.SCTP;
          case UNRECOGNIZED ->
              throw Refusal.invalid("config.port_mappings.protocol must be TCP, UDP or SCTP");
        },
        mapping.getContainerPort(),
        mapping.getHostPort(),
        mapping.getHostIp());
  }

  private static Bandwidth bandwidth(PodSandboxConfig config) {
    return new Bandwidth(
        bitsPerSecond(BandwidthAnnotation.INGRESS, config),
        bitsPerSecond(BandwidthAnnotation.EGRESS, config));
  }

  private static OptionalLong bitsPerSecond(
      BandwidthAnnotation annotation, PodSandboxConfig config) {
    try {
      return annotation.bitsPerSecond(config.getAnnotationsMap());
    } catch (IllegalArgumentException e) {
      throw Refusal.invalid(
          "config.annotations[%s] %s".formatted(annotation.key(), e.getMessage()));
    }
  }

  private static void checkPort(String field, int port) {
    if (port < 1 || port > 65535) {
      throw Refusal.invalid("config.port_mappings." + field + " must be from 1 to 65535: " + port);
    }
  }

  private MachineSize size(LinuxPodSandboxConfig linux) {
    return sizes.of(linux.getResources(), linux.getOverhead());
  }
}
