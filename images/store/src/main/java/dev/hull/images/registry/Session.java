package dev.hull.images.registry;

import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.Images.Credentials;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One endpoint during one pull: its authorization is found once and renewed when it expires. */
final class Session {
  private final Http http;
  private final Endpoint endpoint;
  private final Tokens tokens;
  private final ReentrantLock authorizing = new ReentrantLock();
  private volatile @Nullable String authorization;

  Session(Http http, Endpoint endpoint) {
    this.http = http;
    this.endpoint = endpoint;
    this.tokens = new Tokens(http, endpoint);
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /**
   * Asks, authorized if the endpoint wants that.
   *
   * @param what is asked for, for messages
   * @return an answer of status 200 or 206
   */
  Answer get(URI uri, Map<String, String> headers, String what) {
    Http.Request request = new Http.Request(uri, headers);
    @Nullable String used = authorization;
    Answer answer = http.exchange(request, used);
    if (answer.status() == 401) {
      answer.close();
      used = renew(used, answer.headers().allValues("WWW-Authenticate"));
      answer = http.exchange(request, used);
    }
    if (answer.status() == 200 || answer.status() == 206) {
      return answer;
    }
    try (Answer refused = answer) {
      throw refusal(refused, what);
    }
  }

  /** Layers are fetched in parallel: the first to be refused asks for a token, the others wait. */
  private String renew(@Nullable String refused, List<String> challenges) {
    authorizing.lock();
    try {
      String current = authorization;
      if (current != null && !current.equals(refused)) {
        return current;
      }
      String fresh = tokens.authorize(challenges);
      authorization = fresh;
      return fresh;
    } finally {
      authorizing.unlock();
    }
  }

  private ImageException refusal(Answer answer, String what) {
    String says = endpoint.host() + " answers " + answer.complaint() + " to the " + what;
    return switch (answer.status()) {
      case 401, 403 ->
          new ImageException(
              Kind.UNAUTHORIZED,
              endpoint.credentials().equals(Credentials.NONE)
                  ? says
                      + ": there is no such image, or it wants credentials; check the name, or"
                      + " log in"
                  : says + ": the credentials are refused; check them, or log in again");
      case 404 -> new ImageException(Kind.NOT_FOUND, says + ": check the name and the tag");
      case 416 -> new ImageException(Kind.CORRUPT, says + ": it ends before its size");
      default ->
          new ImageException(Kind.UNAVAILABLE, says + ", which was not to be expected of it");
    };
  }
}
