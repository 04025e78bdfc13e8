package dev.hull.images.registry;

import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which addresses may be asked, and how. A registry chooses where it sends us, for a token or by a
 * redirect, and may be hostile: it must not make us speak plain HTTP to anybody, nor ask services
 * on our own loopback.
 */
final class Addresses {
  private static final Pattern LOOPBACK =
      Pattern.compile(
          "localhost|.*\\.localhost|127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}|\\[?::1]?");

  private Addresses() {}

  /**
   * @param host with or without a port
   */
  static boolean speaksPlainHttp(String host, Set<String> configured) {
    URI uri = URI.create("any://" + host);
    String name = Objects.requireNonNullElse(uri.getHost(), "");
    return configured.contains(host)
        || configured.contains(name)
        || (isLoopback(name) && uri.getPort() != 443);
  }

  /** Whether {@code from} may send us to {@code to}. */
  static boolean mayLead(URI from, URI to, Set<String> plainHttp) {
    String host = to.getHost();
    String scheme = to.getScheme();
    if (host == null || scheme == null || to.getRawUserInfo() != null) {
      return false;
    }
    boolean fromLoopback = isLoopback(Objects.requireNonNullElse(from.getHost(), ""));
    if (isLoopback(host) && !fromLoopback) {
      return false;
    }
    return switch (scheme.toLowerCase(Locale.ROOT)) {
      case "https" -> true;
      case "http" -> speaksPlainHttp(to.getRawAuthority(), plainHttp);
      default -> false;
    };
  }

  static boolean sameOrigin(URI one, URI other) {
    return one.getScheme().equalsIgnoreCase(other.getScheme())
        && one.getRawAuthority().equalsIgnoreCase(other.getRawAuthority());
  }

  static boolean isLoopback(String host) {
    return LOOPBACK.matcher(host.toLowerCase(Locale.ROOT)).matches();
  }
}
