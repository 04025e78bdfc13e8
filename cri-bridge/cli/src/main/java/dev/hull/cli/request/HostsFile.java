package dev.hull.cli.request;

import dev.hull.cli.pod.Naming;
import dev.hull.cli.pod.Pod;
import java.util.ArrayList;
import java.util.List;

/** The pod's hosts file, as the kubelet writes it. */
public final class HostsFile {
  private static final String HEAD =
      """
      # Kubernetes-managed hosts file.
      127.0.0.1\tlocalhost
      ::1\tlocalhost ip6-localhost ip6-loopback
      fe00::0\tip6-localnet
      fe00::0\tip6-mcastprefix
      fe00::1\tip6-allnodes
      fe00::2\tip6-allrouters
      """;

  private HostsFile() {}

  /**
   * Another pod that is to be found by its name.
   *
   * @param names the first is the shortest
   */
  public record Neighbour(String ip, List<String> names) {
    public Neighbour {
      names = List.copyOf(names);
    }

    /** A pod by its host name, its full name if it has one, and its name and namespace. */
    public static Neighbour of(Pod pod, String ip) {
      String name = pod.naming().shortName(pod.name());
      List<String> names = new ArrayList<>(List.of(name));
      pod.naming().fullName(pod.name(), pod.namespace()).ifPresent(names::add);
      if (!pod.naming().subdomain().isEmpty()) {
        names.add(name + "." + pod.naming().subdomain());
      }
      if (!pod.name().equals(name)) {
        names.add(pod.name());
      }
      return new Neighbour(ip, names);
    }
  }

  public static String text(Pod pod, List<String> podIps, List<Neighbour> neighbours) {
    Naming naming = pod.naming();
    String name = naming.shortName(pod.name());
    StringBuilder text = new StringBuilder(HEAD);
    for (String ip : podIps) {
      text.append(ip).append('\t');
      naming.fullName(pod.name(), pod.namespace()).ifPresent(n -> text.append(n).append('\t'));
      text.append(name).append('\n');
    }
    if (!naming.hostAliases().isEmpty()) {
      text.append("\n# Entries added by HostAliases.\n");
      naming
          .hostAliases()
          .forEach(
              a ->
                  text.append(a.ip())
                      .append('\t')
                      .append(String.join("\t", a.hostnames()))
                      .append('\n'));
    }
    if (!neighbours.isEmpty()) {
      text.append("\n# Pods of the same run.\n");
      neighbours.forEach(
          n -> text.append(n.ip()).append('\t').append(String.join("\t", n.names())).append('\n'));
    }
    return text.toString();
  }
}
