package dev.hull.cri.bridge.sandbox;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.LinuxPodSandboxConfig;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.MachineSpec.PortMapping;
import dev.hull.vm.Machines;
import java.util.List;
import java.util.regex.Pattern;

/** From CRI's sandbox to the machine that is to be started for it. */
public final class SandboxSpecs {
  private static final Pattern HOSTNAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?");
  private static final long MIB = 1024L * 1024;
  private static final int MAX_VCPUS = 255;
  private static final int MIN_MEMORY_MIB = 128;

  private final SandboxDefaults defaults;
  private final HostDns hostDns;

  public SandboxSpecs(SandboxDefaults defaults, HostDns hostDns) {
    this.defaults = defaults;
    this.hostDns = hostDns;
  }

  /** An id for the machine of this sandbox. */
  Machines.Reservation reserve(Machines machines, PodSandboxConfig config) {
    return machines.reserve(size(config.getLinux()), defaults.scratchBytes());
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
        config.getLinux().getSysctlsMap(),
        defaults.scratchBytes());
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

  private static void checkPort(String field, int port) {
    if (port < 1 || port > 65535) {
      throw Refusal.invalid("config.port_mappings." + field + " must be from 1 to 65535: " + port);
    }
  }

  private MachineSize size(LinuxPodSandboxConfig linux) {
    LinuxContainerResources resources = linux.getResources();
    LinuxContainerResources overhead = linux.getOverhead();
    long cpuMillis = cpuMillis(resources);
    long vcpus =
        cpuMillis == 0 ? defaults.vcpus() : Math.ceilDiv(cpuMillis + cpuMillis(overhead), 1000);
    long limit = resources.getMemoryLimitInBytes();
    long memoryMib = defaults.memoryMib();
    if (limit > 0) {
      long added =
          overhead.getMemoryLimitInBytes() > 0
              ? overhead.getMemoryLimitInBytes()
              : defaults.overheadMib() * MIB;
      memoryMib = Math.ceilDiv(Math.addExact(Math.min(limit, Long.MAX_VALUE / 2), added), MIB);
      if (memoryMib > Integer.MAX_VALUE) {
        throw Refusal.invalid(
            "config.linux.resources.memory_limit_in_bytes is more than a machine can have: "
                + limit);
      }
    }
    return new MachineSize(
        Math.clamp(vcpus, 1, Math.min(defaults.hostCpus(), MAX_VCPUS)),
        (int) Math.max(memoryMib, MIN_MEMORY_MIB));
  }

  /** Thousandths of a CPU; 0 without a limit. */
  private static long cpuMillis(LinuxContainerResources resources) {
    if (resources.getCpuQuota() <= 0) {
      return 0;
    }
    long period = resources.getCpuPeriod() == 0 ? 100_000 : resources.getCpuPeriod();
    return Math.ceilDiv(Math.min(resources.getCpuQuota(), Long.MAX_VALUE / 1000) * 1000, period);
  }
}
