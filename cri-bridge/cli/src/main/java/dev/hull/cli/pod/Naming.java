package dev.hull.cli.pod;

import java.util.List;
import java.util.Optional;

/**
 * What the pod is called in a network, and how it finds others.
 *
 * @param hostname empty for the pod's name
 * @param hostnameOverride instead of both, as it stands
 * @param subdomain empty for none
 * @param fqdnAsHostname whether the kernel's host name is the full one
 */
public record Naming(
    String hostname,
    String hostnameOverride,
    String subdomain,
    boolean fqdnAsHostname,
    List<HostAlias> hostAliases,
    DnsPolicy dnsPolicy,
    List<String> nameservers,
    List<String> searches,
    List<DnsOption> dnsOptions) {
  /** Where services would be; there is no such zone here, but names are written with it. */
  public static final String CLUSTER_DOMAIN = "cluster.local";

  /** A host's name has at most 63 characters; longer pod names are cut, as the kubelet does. */
  private static final int MOST_HOSTNAME = 63;

  public Naming {
    hostAliases = List.copyOf(hostAliases);
    nameservers = List.copyOf(nameservers);
    searches = List.copyOf(searches);
    dnsOptions = List.copyOf(dnsOptions);
  }

  /** A line of the hosts file. */
  public record HostAlias(String ip, List<String> hostnames) {
    public HostAlias {
      hostnames = List.copyOf(hostnames);
    }
  }

  /** An option of the resolver. */
  public record DnsOption(String name, Optional<String> value) {
    /** As resolv.conf has it. */
    public String text() {
      return value.map(v -> name + ":" + v).orElse(name);
    }
  }

  /** From where the resolver's configuration comes. */
  public enum DnsPolicy {
    CLUSTER_FIRST,
    DEFAULT,
    NONE
  }

  /** The host name without a domain. */
  public String shortName(String podName) {
    if (!hostnameOverride.isEmpty()) {
      return hostnameOverride;
    }
    if (!hostname.isEmpty()) {
      return hostname;
    }
    String cut = podName.length() > MOST_HOSTNAME ? podName.substring(0, MOST_HOSTNAME) : podName;
    return cut.replaceAll("[-.]+$", "");
  }

  /** With the subdomain, as the hosts file has it; empty without a subdomain. */
  public Optional<String> fullName(String podName, String namespace) {
    return subdomain.isEmpty() || !hostnameOverride.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%s.%s.%s.svc.%s".formatted(shortName(podName), subdomain, namespace, CLUSTER_DOMAIN));
  }

  /** What {@code hostname} prints in the pod. */
  public String kernelName(String podName, String namespace) {
    return fqdnAsHostname
        ? fullName(podName, namespace).orElseGet(() -> shortName(podName))
        : shortName(podName);
  }
}
