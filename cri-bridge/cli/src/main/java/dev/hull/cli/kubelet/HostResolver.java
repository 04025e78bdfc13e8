package dev.hull.cli.kubelet;

import dev.hull.cri.v1.DNSConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The host's resolver, as the pod is to use it. */
public final class HostResolver {
  /** resolv.conf(5) allows three, and no library reads more. */
  private static final int MOST_SERVERS = 3;

  private HostResolver() {}

  /**
   * Reads the first of {@code files} that names a server which a pod can reach. A server on
   * loopback is the host's own and leads nowhere from inside a pod.
   */
  public static DNSConfig read(List<Path> files) {
    for (Path file : files) {
      DNSConfig config;
      try {
        config = parse(Files.readAllLines(file));
      } catch (IOException e) {
        continue; // Not every host has every file; a pod without a resolver still runs.
      }
      if (config.getServersCount() > 0) {
        return config;
      }
    }
    return DNSConfig.getDefaultInstance();
  }

  static DNSConfig parse(List<String> lines) {
    DNSConfig.Builder config = DNSConfig.newBuilder();
    for (String line : lines) {
      List<String> words = List.of(line.strip().split("\\s+"));
      List<String> values = words.subList(1, words.size());
      switch (words.getFirst()) {
        case "nameserver" -> {
          boolean reachable =
              !values.isEmpty()
                  && !values.getFirst().startsWith("127.")
                  && !values.getFirst().equals("::1");
          if (reachable && config.getServersCount() < MOST_SERVERS) {
            config.addServers(values.getFirst());
          }
        }
        case "search", "domain" -> config.clearSearches().addAllSearches(values);
        case "options" -> config.addAllOptions(values);
        default -> {
          // Comments, and options of other systems' resolvers.
        }
      }
    }
    return config.build();
  }
}
