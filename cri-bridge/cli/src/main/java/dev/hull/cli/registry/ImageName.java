package dev.hull.cli.registry;

import java.util.Locale;
import java.util.Set;

/** Where an image is, as Docker reads its name. */
record ImageName(String host, String path) {
  private static final String HUB = "docker.io";
  private static final Set<String> HUBS = Set.of("index.docker.io", "registry-1.docker.io", HUB);

  static ImageName of(String reference) {
    int slash = reference.indexOf('/');
    String first = slash < 0 ? "" : reference.substring(0, slash);
    boolean isHost = first.contains(".") || first.contains(":") || first.equals("localhost");
    String rest = isHost ? reference.substring(slash + 1) : reference;
    String path = rest.replaceFirst("@.*$", "").replaceFirst(":[^/]*$", "");
    return new ImageName(isHost ? canonical(first) : HUB, path);
  }

  /**
   * How well a key of a Docker configuration fits: the length of the path that it names, -1 if it
   * is for another place. {@code *} stands for a part of a host's name.
   */
  int fits(String key) {
    String place = key.replaceFirst("^[a-zA-Z]+://", "");
    int slash = place.indexOf('/');
    String keyHost = canonical(slash < 0 ? place : place.substring(0, slash));
    String keyPath = slash < 0 ? "" : place.substring(slash + 1).replaceAll("/+$", "");
    if (keyHost.equals(HUB) && keyPath.matches("v[12]")) {
      keyPath = "";
    }
    boolean inPath = keyPath.isEmpty() || path.equals(keyPath) || path.startsWith(keyPath + "/");
    return matches(keyHost) && inPath ? keyPath.length() : -1;
  }

  private boolean matches(String keyHost) {
    String[] wanted = keyHost.split("\\.", -1);
    String[] parts = host.split("\\.", -1);
    if (wanted.length != parts.length) {
      return false;
    }
    for (int i = 0; i < parts.length; i++) {
      if (!wanted[i].equals("*") && !wanted[i].equals(parts[i])) {
        return false;
      }
    }
    return true;
  }

  private static String canonical(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return HUBS.contains(lower) ? HUB : lower;
  }
}
