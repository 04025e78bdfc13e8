package dev.hull.cli.request;

import dev.hull.cli.config.Amounts;
import dev.hull.cli.kubelet.PodAnnotations;
import dev.hull.cli.kubelet.PodFolder;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Naming;
import dev.hull.cli.pod.Pod;
import dev.hull.cri.v1.DNSConfig;
import dev.hull.cri.v1.LinuxPodSandboxConfig;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.PodSandboxMetadata;
import dev.hull.cri.v1.PortMapping;
import dev.hull.cri.v1.Protocol;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The sandbox of a pod. */
public final class SandboxRequests {
  private static final int MOST_SERVERS = 3;

  private SandboxRequests() {}

  /**
   * What RunPodSandbox and CreateContainer are told.
   *
   * @param dns the host's
   */
  public static PodSandboxConfig of(
      Pod pod, String uid, int attempt, PodFolder folder, DNSConfig dns) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder()
                .setName(pod.name())
                .setNamespace(pod.namespace())
                .setUid(uid)
                .setAttempt(attempt))
        .setHostname(pod.naming().kernelName(pod.name(), pod.namespace()))
        .setLogDirectory(folder.logs().toString())
        .setDnsConfig(dns(pod.naming(), dns))
        .addAllPortMappings(portMappings(pod))
        .putAllLabels(pod.labels())
        .putAllLabels(Labels.of(pod, uid))
        .putAllAnnotations(pod.annotations())
        .putAnnotations(PodAnnotations.FOLDER, folder.path().toString())
        .putAnnotations(PodAnnotations.GRACE_SECONDS, Long.toString(pod.gracePeriod().toSeconds()))
        .putAnnotations(PodAnnotations.CONTAINERS, names(pod.containers()))
        .putAnnotations(PodAnnotations.INIT_CONTAINERS, names(pod.initContainers()))
        .setLinux(
            LinuxPodSandboxConfig.newBuilder()
                .setSecurityContext(SecurityContexts.sandbox(pod))
                .putAllSysctls(pod.security().sysctls())
                .setResources(Amounts.pod(pod))
                .setOverhead(Amounts.overhead(pod)))
        .build();
  }

  private static String names(List<Container> containers) {
    return containers.stream().map(Container::name).collect(Collectors.joining(","));
  }

  /**
   * The resolver's configuration: the host's (a cluster's DNS is not here, and ClusterFirst falls
   * back to the host's then, as in the kubelet), or none, and then what the pod adds.
   */
  static DNSConfig dns(Naming naming, DNSConfig host) {
    DNSConfig base =
        naming.dnsPolicy() == Naming.DnsPolicy.NONE ? DNSConfig.getDefaultInstance() : host;
    Map<String, String> options = new LinkedHashMap<>();
    base.getOptionsList().forEach(option -> options.put(option.split(":", 2)[0], option));
    naming.dnsOptions().forEach(option -> options.put(option.name(), option.text()));
    return DNSConfig.newBuilder()
        .addAllServers(
            distinct(base.getServersList(), naming.nameservers()).stream()
                .limit(MOST_SERVERS)
                .toList())
        .addAllSearches(distinct(base.getSearchesList(), naming.searches()))
        .addAllOptions(options.values())
        .build();
  }

  private static List<String> distinct(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).distinct().toList();
  }

  private static List<PortMapping> portMappings(Pod pod) {
    return pod.everyContainer()
        .flatMap(container -> container.ports().stream())
        .filter(port -> port.hostPort() != 0)
        .map(SandboxRequests::portMapping)
        .toList();
  }

  private static PortMapping portMapping(Container.Port port) {
    return PortMapping.newBuilder()
        .setProtocol(
            switch (port.protocol()) {
              case TCP -> Protocol.TCP;
              case UDP -> Protocol.UDP;
              case SCTP -> Protocol.SCTP;
            })
        .setContainerPort(port.containerPort())
        .setHostPort(port.hostPort())
        .setHostIp(port.hostIp())
        .build();
  }
}
