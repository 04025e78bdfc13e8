package dev.hull.agent.machine;

import dev.hull.agent.users.PodUsers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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

  /** {@code addresses} are those by which the pod's name is known, its main one first. */
  void write(PodIdentity pod, List<String> addresses) throws IOException {
    Files.createDirectories(folder);
    write(pod, "hostname", pod.hostname() + "\n");
    writeHosts(pod, addresses);
    write(pod, "resolv.conf", resolvConf(pod));
  }

  /** In place: containers have this very file mounted. */
  void writeHosts(PodIdentity pod, List<String> addresses) throws IOException {
    StringBuilder text =
        new StringBuilder(
            """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::0\tip6-localnet
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """);
    for (String address : addresses) {
      text.append(address).append('\t').append(pod.hostname()).append('\n');
    }
    write(pod, "hosts", text.toString());
  }

  private void write(PodIdentity pod, String name, String text) throws IOException {
    Path file = Files.writeString(folder.resolve(name), text);
    if (pod.users().isPresent()) {
      PodUsers.give(file, pod.users().get());
    }
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
