package dev.hull.images.registry;

import dev.hull.images.Images.Credentials;
import dev.hull.images.reference.ImageReference;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One place to ask for one repository: a registry, or a mirror of it.
 *
 * @param host what it is called in messages and in the configuration
 * @param base ends in {@code /v2/…/} and the repository's path
 * @param query what a mirror must be told: which registry it stands for
 */
record Endpoint(String host, URI base, String repository, String query, Credentials credentials) {
  private static final Pattern MIRROR =
      Pattern.compile("(?:[A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+])(?::[0-9]{1,5})?(?:/[a-z0-9._-]+)*");

  static void checkMirror(String mirror) {
    if (!MIRROR.matcher(mirror).matches()) {
      throw new IllegalArgumentException(
          "not a mirror (host[:port][/prefix], without a scheme): " + mirror);
    }
  }

  /** The mirrors in their order, then the registry itself. */
  static List<Endpoint> of(ImageReference image, Credentials given, RegistryConfig config) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (String mirror : config.mirrors().getOrDefault(image.registry(), List.of())) {
      int slash = mirror.indexOf('/');
      String host = slash < 0 ? mirror : mirror.substring(0, slash);
      String prefix = slash < 0 ? "" : mirror.substring(slash + 1) + "/";
      // Credentials that come with a pull are for the registry and never shown to a mirror.
      endpoints.add(
          endpoint(
              host,
              host,
              prefix + image.repository(),
              "?ns=" + image.registry(),
              config.credentials().getOrDefault(host, Credentials.NONE),
              config));
    }
    String registry = image.registry();
    Credentials own =
        given.equals(Credentials.NONE)
            ? config.credentials().getOrDefault(registry, Credentials.NONE)
            : given;
    String address = registry.equals("docker.io") ? "registry-1.docker.io" : registry;
    endpoints.add(endpoint(registry, address, image.repository(), "", own, config));
    return endpoints;
  }

  private static Endpoint endpoint(
      String host,
      String address,
      String repository,
      String query,
      Credentials credentials,
      RegistryConfig config) {
    boolean plain =
        !config.authorities().containsKey(host)
            && Addresses.speaksPlainHttp(host, config.plainHttp());
    String scheme = plain ? "http" : "https";
    URI base = URI.create(scheme + "://" + address + "/v2/" + repository + "/");
    return new Endpoint(host, base, repository, query, credentials);
  }

  URI manifest(String version) {
    return URI.create(base + "manifests/" + version + query);
  }

  URI blob(String digest) {
    return URI.create(base + "blobs/" + digest + query);
  }
}
