package dev.hull.cli.life;

import dev.hull.cli.pod.Pod;
import dev.hull.cli.request.HostsFile.Neighbour;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Pods that find each other by name, and where they are. Safe for use from many threads. */
public final class Neighbourhood {
  private record Address(Pod pod, String ip) {}

  private final Map<String, Address> pods = new TreeMap<>();
  private int version;

  synchronized void moved(Pod pod, String ip) {
    Address old = pods.put(pod.fullName(), new Address(pod, ip));
    if (old == null || !old.ip().equals(ip)) {
      version++;
    }
  }

  synchronized void left(Pod pod) {
    if (pods.remove(pod.fullName()) != null) {
      version++;
    }
  }

  /** Goes up with every change. */
  synchronized int version() {
    return version;
  }

  /** The others of the pod's namespace. */
  synchronized List<Neighbour> of(Pod pod) {
    return pods.values().stream()
        .filter(address -> !address.pod().fullName().equals(pod.fullName()))
        .filter(address -> address.pod().namespace().equals(pod.namespace()))
        .map(address -> Neighbour.of(address.pod(), address.ip()))
        .toList();
  }
}
