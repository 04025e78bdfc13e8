package dev.hull.images.registry;

import dev.hull.images.Images.Credentials;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is known about registries before an image is asked for. Hosts are written {@code host} or
 * {@code host:port}, as in a reference; Docker Hub is {@code docker.io}.
 *
 * @param mirrors for a registry, what is asked before it, in order: {@code host[:port][/prefix]};
 *     the prefix comes before the repository's name
 * @param plainHttp hosts that are spoken to without TLS; those on loopback are anyway (unless at
 *     port 443)
 * @param credentials for a registry or a mirror, unless a pull brings its own
 * @param authorities certificates of authorities that are believed for a registry or a mirror,
 *     besides the JDK's; a host that has any is spoken to with TLS, also on loopback
 */
public record RegistryConfig(
    Map<String, List<String>> mirrors,
    Set<String> plainHttp,
    Map<String, Credentials> credentials,
    Map<String, List<X509Certificate>> authorities,
    Patience patience) {

  public static final RegistryConfig DEFAULT =
      new RegistryConfig(Map.of(), Set.of(), Map.of(), Map.of(), Patience.DEFAULT);

  public RegistryConfig {
    mirrors =
        mirrors.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    entry -> host(entry.getKey()), entry -> List.copyOf(entry.getValue())));
    mirrors.values().forEach(of -> of.forEach(Endpoint::checkMirror));
    plainHttp = plainHttp.stream().map(RegistryConfig::host).collect(Collectors.toSet());
    credentials =
        credentials.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(entry -> host(entry.getKey()), Map.Entry::getValue));
    authorities =
        authorities.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    entry -> host(entry.getKey()), entry -> List.copyOf(entry.getValue())));
    for (String host : authorities.keySet()) {
      if (plainHttp.contains(host)) {
        throw new IllegalArgumentException(
            host + " has certificates and is to be spoken to without TLS; take one of them away");
      }
    }
  }

  static String host(String written) {
    String host = written.toLowerCase(Locale.ROOT);
    // The names under which Docker's own files have credentials for the Hub.
    return Set.of("index.docker.io", "registry-1.docker.io", "https://index.docker.io/v1/")
            .contains(host)
        ? "docker.io"
        : host;
  }

  /**
   * How long a registry may take and how often it is asked.
   *
   * @param connect until a connection stands
   * @param answer from a request to the head of its answer
   * @param stall a transfer that brings nothing for so long is given up
   * @param attempts for each request, the first one included
   * @param pause before the second attempt; three times as long before each further one
   */
  public record Patience(
      Duration connect, Duration answer, Duration stall, int attempts, Duration pause) {
    public static final Patience DEFAULT =
        new Patience(
            Duration.ofSeconds(15),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            4,
            Duration.ofMillis(500));

    /** A server that asks for more than this is not waited for. */
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    public Patience {
      if (attempts < 1) {
        throw new IllegalArgumentException("attempts must be at least 1, not " + attempts);
      }
    }

    /**
     * @param failures so far, at least one
     */
    Duration pauseAfter(int failures) {
      Duration next = pause.multipliedBy((long) Math.pow(3, Math.min(failures - 1, 8)));
      return next.compareTo(LONGEST_PAUSE) < 0 ? next : LONGEST_PAUSE;
    }
  }
}
