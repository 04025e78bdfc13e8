package dev.hull.agent.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files that every container of the pod sees: /etc/hosts, /etc/resolv.conf, /etc/hostname. */
final class PodFiles {
  private final Path folder;

  /**
   * @param folder {@code /run/hull/pod}; containers get its files {@code hosts}, {@code
   *     resolv.conf} and {@code hostname}
   */
  PodFiles(Path folder) {
    this.folder = folder;
  }

  void write(PodIdentity pod) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("hostname"), pod.hostname() + "\n");
    Files.writeString(folder.resolve("hosts"), hosts(pod));
    Files.writeString(folder.resolve("resolv.conf"), resolvConf(pod));
  }

  private static String hosts(PodIdentity pod) {
    return """
    127.0.0.1\tlocalhost
    ::1\tlocalhost ip6-localhost ip6-loopback
    fe00::0\tip6-localnet
    ff02::1\tip6-allnodes
    ff02::2\tip6-allrouters
    127.0.1.1\t%s
    """
        .formatted(pod.hostname());
  }

  private static String resolvConf(PodIdentity pod) {
    StringBuilder text = new StringBuilder();
    for (String server : pod.dnsServers()) {
      text.append("nameserver ").append(server).append('\n');
    }
    if (!pod.dnsSearches().isEmpty()) {
      text.append("search ").append(String.join(" ", pod.dnsSearches())).append('\n');
    }
    if (!pod.dnsOptions().isEmpty()) {
      text.append("options ").append(String.join(" ", pod.dnsOptions())).append('\n');
    }
    return text.toString();
  }
}
