package dev.hull.cli.config;

import java.math.BigDecimal;
import java.util.List;

/**
 * What is known of a pod when it runs, and of the host that it runs on.
 *
 * @param podIps the first is the pod's own; empty before it has one
 * @param hostIps as the pod reaches the host
 */
public record Facts(
    String uid,
    String nodeName,
    List<String> hostIps,
    List<String> podIps,
    BigDecimal hostCpus,
    BigDecimal hostMemory) {
  public Facts {
    hostIps = List.copyOf(hostIps);
    podIps = List.copyOf(podIps);
  }

  Facts(Facts other, List<String> podIps) {
    this(other.uid, other.nodeName, other.hostIps, podIps, other.hostCpus, other.hostMemory);
  }

  /** The same with the pod's addresses. */
  public Facts withPodIps(List<String> addresses) {
    return new Facts(this, addresses);
  }
}
