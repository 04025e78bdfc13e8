package dev.hull.images.registry;

import com.google.gson.JsonParseException;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.Images.Credentials;
import dev.hull.images.content.Fields;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Answers a registry's challenge with the value of an Authorization header: basic, or a token from
 * the server that the registry names, as the distribution project's token specification has it (an
 * identity token is posted as an OAuth 2 refresh token).
 */
final class Tokens {
  private static final int LARGEST_ANSWER = 64 << 10;

  private final Http http;
  private final Endpoint endpoint;

  Tokens(Http http, Endpoint endpoint) {
    this.http = http;
    this.endpoint = endpoint;
  }

  /**
   * @param headers the answer's {@code WWW-Authenticate}
   * @throws ImageException UNAUTHORIZED if there is no way to satisfy the registry
   */
  String authorize(List<String> headers) {
    Credentials credentials = endpoint.credentials();
    if (!credentials.registryToken().isEmpty()) {
      return bearer(credentials.registryToken());
    }
    List<Challenge> challenges = Challenge.parse(headers);
    Optional<Challenge> bearer = Challenge.find(challenges, "bearer");
    if (bearer.isPresent()) {
      return bearer(token(bearer.get()));
    }
    if (Challenge.find(challenges, "basic").isPresent()) {
      if (credentials.username().isEmpty()) {
        throw new ImageException(
            Kind.UNAUTHORIZED, endpoint.host() + " wants a user name and a password; log in to it");
      }
      return basic(credentials);
    }
    throw new ImageException(
        Kind.UNAUTHORIZED,
        endpoint.host() + " refuses us and names no way that is known here to log in");
  }

  private String token(Challenge challenge) {
    URI realm = realm(challenge);
    String scope = challenge.parameter("scope");
    if (scope.isEmpty()) {
      scope = "repository:" + endpoint.repository() + ":pull";
    }
    Credentials credentials = endpoint.credentials();
    String query = "service=" + encode(challenge.parameter("service")) + "&scope=" + encode(scope);
    if (!credentials.identityToken().isEmpty()) {
      String form =
          "grant_type=refresh_token&client_id=hull&"
              + query
              + "&refresh_token="
              + encode(credentials.identityToken());
      return read(http.exchange(new Http.Request(realm, Map.of(), Optional.of(form)), null));
    }
    URI uri = URI.create(realm + (realm.getRawQuery() == null ? "?" : "&") + query);
    return read(
        http.exchange(
            new Http.Request(uri, Map.of()),
            credentials.username().isEmpty() ? null : basic(credentials)));
  }

  private URI realm(Challenge challenge) {
    URI realm;
    try {
      realm = URI.create(challenge.parameter("realm"));
    } catch (IllegalArgumentException e) {
      throw new ImageException(
          Kind.UNAUTHORIZED, endpoint.host() + " names no address for tokens", e);
    }
    if (!http.mayLead(endpoint.base(), realm) || realm.getRawFragment() != null) {
      throw new ImageException(
          Kind.UNAUTHORIZED,
          endpoint.host()
              + " wants its tokens fetched from an address that is refused (only https is asked,"
              + " and never this machine's loopback)");
    }
    return realm;
  }

  private String read(Answer answer) {
    try (answer) {
      if (answer.status() != 200) {
        boolean ours = !endpoint.credentials().equals(Credentials.NONE);
        throw new ImageException(
            Kind.UNAUTHORIZED,
            answer.from().getRawAuthority()
                + " answers "
                + answer.complaint()
                + " instead of a token for "
                + endpoint.repository()
                + (ours
                    ? "; check the credentials for " + endpoint.host()
                    : "; check the name, or log in to " + endpoint.host()));
      }
      byte[] body = answer.body().readNBytes(LARGEST_ANSWER + 1);
      if (body.length > LARGEST_ANSWER) {
        throw noToken(answer, "more than " + LARGEST_ANSWER + " bytes");
      }
      Fields fields = Fields.parse(body, "answer");
      String token = fields.string("token");
      if (token.isEmpty()) {
        token = fields.string("access_token");
      }
      if (!isHeaderValue(token)) {
        throw noToken(answer, "no token");
      }
      return token;
    } catch (IOException | JsonParseException e) {
      throw new ImageException(
          Kind.UNAVAILABLE,
          answer.from().getRawAuthority() + " breaks off its answer: " + Http.describe(e),
          e);
    }
  }

  private ImageException noToken(Answer answer, String what) {
    return new ImageException(
        Kind.UNAUTHORIZED,
        answer.from().getRawAuthority()
            + " answers with "
            + what
            + " instead of a token for "
            + endpoint.repository());
  }

  private String bearer(String token) {
    if (!isHeaderValue(token)) {
      throw new ImageException(
          Kind.UNAUTHORIZED,
          "the token for " + endpoint.host() + " has characters that no token has; log in again");
    }
    return "Bearer " + token;
  }

  /** RFC 6750 allows fewer; what matters is that nothing ends the header. */
  private static boolean isHeaderValue(String token) {
    return !token.isEmpty() && token.chars().allMatch(c -> c > 0x20 && c < 0x7f);
  }

  private static String basic(Credentials credentials) {
    byte[] pair =
        (credentials.username() + ":" + credentials.password()).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  private static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
