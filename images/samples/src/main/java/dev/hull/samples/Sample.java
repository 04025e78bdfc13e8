package dev.hull.samples;

import dev.hull.images.Image;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What one sample image is: the base, which all of them share, and a layer of packages.
 *
 * @param name as the command line has it
 * @param reference the registry host in it is never contacted
 * @param files files that the layer has besides its packages, by path
 * @param links symbolic links likewise, by path
 */
record Sample(
    String name,
    String reference,
    List<String> packages,
    Map<String, String> files,
    Map<String, String> links,
    Image.Config config) {
  private static final List<String> ENVIRONMENT =
      List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

  static final List<Sample> ALL = List.of(debian(), nginx());

  Sample {
    // In order, for the key of the cache is made from it.
    files = Collections.unmodifiableMap(new TreeMap<>(files));
    links = Collections.unmodifiableMap(new TreeMap<>(links));
  }

  private static Sample debian() {
    return new Sample(
        "debian",
        "hull.local/debian:12",
        List.of("procps", "iproute2"),
        Map.of(),
        Map.of(),
        config(List.of("bash"), Optional.empty(), List.of()));
  }

  /**
   * As the image of this name that everybody knows: same folder, same signal, logs to the output.
   */
  private static Sample nginx() {
    return new Sample(
        "nginx",
        "hull.local/nginx:12",
        List.of("nginx-light"),
        Map.of(
            "etc/nginx/sites-available/default",
            """
            server {
              listen 80 default_server;
              server_name _;
              root /usr/share/nginx/html;
              index index.html;
            }
            """),
        Map.of(
            "var/log/nginx/access.log", "/dev/stdout",
            "var/log/nginx/error.log", "/dev/stderr"),
        config(List.of("nginx", "-g", "daemon off;"), Optional.of("SIGQUIT"), List.of("80/tcp")));
  }

  private static Image.Config config(
      List<String> command, Optional<String> stopSignal, List<String> ports) {
    boolean service = stopSignal.isPresent();
    return new Image.Config(
        "",
        ENVIRONMENT,
        service ? command : List.of(),
        service ? List.of() : command,
        "",
        stopSignal,
        List.of(),
        ports,
        Map.of());
  }
}
