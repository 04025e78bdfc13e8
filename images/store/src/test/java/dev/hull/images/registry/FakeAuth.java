package dev.hull.images.registry;

import com.sun.net.httpserver.HttpExchange;
import dev.hull.images.fake.FakeRegistry;
import dev.hull.images.fake.SampleImage;
import java.util.Base64;
import java.util.Objects;

/** How a registry asks who is there. */
final class FakeAuth {
  private FakeAuth() {}

  static String header(String username, String password) {
    return "Basic "
        + Base64.getEncoder().encodeToString(SampleImage.utf8(username + ":" + password));
  }

  static FakeRegistry.Fault basic(String username, String password) {
    return demand(header(username, password), "Basic realm=\"here\"");
  }

  /** Refuses what has not this Authorization header, with a challenge; not the token server. */
  static FakeRegistry.Fault demand(String authorization, String challenge) {
    return exchange -> {
      if (exchange.getRequestURI().getPath().startsWith("/token")
          || authorization.equals(sent(exchange))) {
        return false;
      }
      exchange.getResponseHeaders().set("WWW-Authenticate", challenge);
      // A registry that tells on us: none of it may get into a message.
      FakeRegistry.answer(
          exchange,
          401,
          "application/json",
          SampleImage.utf8(
              "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"not "
                  + sent(exchange)
                  + "\"}]}"));
      return true;
    };
  }

  static String sent(HttpExchange exchange) {
    return Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Authorization"), "");
  }
}
