package dev.hull.images.registry;

import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Requests with deadlines, redirects and second attempts. A redirect takes the Authorization header
 * along only within one origin.
 */
final class Http implements AutoCloseable {
  private static final int MOST_REDIRECTS = 5;

  private final HttpClient client;
  private final RegistryConfig.Patience patience;
  private final Set<String> plainHttp;
  private final StallGuard stalls;

  Http(HttpClient client, RegistryConfig config) {
    this.client = client;
    this.patience = config.patience();
    this.plainHttp = config.plainHttp();
    this.stalls = new StallGuard(patience.stall());
  }

  /**
   * @param form is posted, if there is one
   */
  record Request(URI uri, Map<String, String> headers, Optional<String> form) {
    Request(URI uri, Map<String, String> headers) {
      this(uri, headers, Optional.empty());
    }

    /** Only the host: redirects and token addresses have secrets in their queries. */
    @Override
    public String toString() {
      return uri.getRawAuthority();
    }
  }

  boolean mayLead(URI from, URI to) {
    return Addresses.mayLead(from, to, plainHttp);
  }

  /**
   * Whatever the server answers but 429 and 5xx, which are tried again, as is a connection that
   * breaks.
   *
   * @param authorization the header's value, or null
   * @throws ImageException UNAVAILABLE after the last attempt
   */
  Answer exchange(Request request, @Nullable String authorization) {
    for (int failures = 1; ; failures++) {
      Duration pause = patience.pauseAfter(failures);
      boolean last = failures >= patience.attempts();
      try {
        Answer answer = follow(request, authorization);
        if (!isPassing(answer.status())) {
          return answer;
        }
        Duration wanted = retryAfter(answer);
        if (last || wanted.compareTo(RegistryConfig.Patience.LONGEST_PAUSE) > 0) {
          try (answer) {
            throw refused(request, answer, failures);
          }
        }
        answer.close();
        pause = wanted.compareTo(pause) > 0 ? wanted : pause;
      } catch (IOException e) {
        if (last || isFinal(e)) {
          throw new ImageException(
              Kind.UNAVAILABLE, request + " cannot be reached: " + reason(e), e);
        }
      }
      sleep(pause);
    }
  }

  private static boolean isPassing(int status) {
    return status == 429 || status == 408 || (status >= 500 && status != 501);
  }

  private static Duration retryAfter(Answer answer) {
    String seconds = answer.headers().firstValue("Retry-After").orElse("0");
    return seconds.matches("[0-9]{1,6}")
        ? Duration.ofSeconds(Long.parseLong(seconds))
        : Duration.ZERO;
  }

  private static ImageException refused(Request request, Answer answer, int attempts) {
    String remedy =
        answer.status() == 429
            ? "too many requests; wait, log in, or configure a mirror"
            : "the registry is in trouble; try again later";
    return new ImageException(
        Kind.UNAVAILABLE,
        request + " answers " + answer.complaint() + " (asked " + attempts + " times): " + remedy);
  }

  private Answer follow(Request request, @Nullable String authorization) throws IOException {
    URI uri = request.uri();
    @Nullable String header = authorization;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      Answer answer = send(new Request(uri, request.headers(), request.form()), header);
      boolean redirect =
          switch (answer.status()) {
            case 301, 302, 303, 307, 308 -> request.form().isEmpty();
            default -> false;
          };
      if (!redirect) {
        return answer;
      }
      answer.close();
      URI next = location(answer);
      if (!mayLead(uri, next)) {
        throw new ImageException(
            Kind.INVALID,
            uri.getRawAuthority()
                + " redirects to "
                + next.getScheme()
                + "://"
                + host(next)
                + ", which is refused: only https is followed (add the host to the plain-http"
                + " hosts if it is to be trusted)");
      }
      if (!Addresses.sameOrigin(uri, next)) {
        header = null;
      }
      uri = next;
    }
    throw new ImageException(
        Kind.INVALID, request + " redirects more than " + MOST_REDIRECTS + " times");
  }

  private static String host(URI uri) {
    return String.valueOf(uri.getHost()) + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
  }

  private static URI location(Answer answer) {
    String location = answer.headers().firstValue("Location").orElse("");
    try {
      return answer.from().resolve(location);
    } catch (IllegalArgumentException e) {
      // Without the cause: its message has the whole address in it.
      throw new ImageException(
          Kind.INVALID, answer.from().getRawAuthority() + " redirects to no address");
    }
  }

  private Answer send(Request request, @Nullable String authorization) throws IOException {
    HttpRequest.Builder builder = HttpRequest.newBuilder(request.uri());
    request.headers().forEach(builder::header);
    request
        .form()
        .ifPresent(
            form ->
                builder
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString(form)));
    if (authorization != null) {
      builder.header("Authorization", authorization);
    }
    // Not HttpRequest.timeout: newer JDKs count the body in, and a large layer takes its time.
    CompletableFuture<HttpResponse<InputStream>> pending =
        client.sendAsync(builder.build(), BodyHandlers.ofInputStream());
    try {
      HttpResponse<InputStream> response =
          pending.get(patience.answer().toMillis(), TimeUnit.MILLISECONDS);
      return new Answer(
          response.statusCode(), response.headers(), stalls.guard(response.body()), request.uri());
    } catch (TimeoutException e) {
      pending.cancel(true);
      throw new IOException("no answer within " + patience.answer().toMillis() + " ms", e);
    } catch (InterruptedException e) {
      pending.cancel(true);
      throw interrupted();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IOException(e.getCause());
    }
  }

  void pauseAfter(int failures) {
    sleep(patience.pauseAfter(failures));
  }

  int attempts() {
    return patience.attempts();
  }

  private static void sleep(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  static ImageException interrupted() {
    Thread.currentThread().interrupt();
    return new ImageException(Kind.UNAVAILABLE, "it was cancelled");
  }

  /** Trying again does not help. */
  private static boolean isFinal(IOException e) {
    return e instanceof SSLException || hasCause(e, UnresolvedAddressException.class);
  }

  private static boolean hasCause(Throwable e, Class<? extends Throwable> type) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (type.isInstance(at)) {
        return true;
      }
    }
    return false;
  }

  private static String reason(IOException e) {
    if (hasCause(e, UnresolvedAddressException.class)) {
      return "its name does not resolve; check the name, the network and DNS";
    }
    if (e instanceof SSLException) {
      return "TLS fails ("
          + describe(e)
          + "); if its certificate comes from an authority of your own, set registry.ca.HOST in"
          + " hull.yaml to that authority's file; if it has no TLS, add it to"
          + " registry.plain-http there";
    }
    return describe(e) + "; check the name, the network and the proxy";
  }

  /** Exceptions of the client often have no message, only a type. */
  static String describe(Throwable e) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      String message = at.getMessage();
      if (message != null && !message.isBlank()) {
        return message;
      }
    }
    return switch (e) {
      case java.net.ConnectException _ -> "connection refused";
      default -> e.getClass().getSimpleName();
    };
  }

  @Override
  public void close() {
    stalls.close();
    client.shutdownNow();
    client.close();
  }
}
