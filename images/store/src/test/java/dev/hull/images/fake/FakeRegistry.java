package dev.hull.images.fake;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.hull.images.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A registry in this process, on loopback, that can be made to fail. It keeps what it was asked.
 */
public final class FakeRegistry implements AutoCloseable {
  /** What came in. */
  public record Asked(String method, String path, String query, String authorization) {}

  /** Answers in the registry's stead; true if it has. */
  public interface Fault {
    boolean answers(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, SampleImage.Blob> manifests = new ConcurrentHashMap<>();
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final List<Fault> faults = new CopyOnWriteArrayList<>();

  /** One that speaks plain HTTP. */
  public FakeRegistry() {
    this(unbound(HttpServer::create));
  }

  /** One that speaks TLS. */
  public FakeRegistry(SSLContext tls) {
    this(
        unbound(
            () -> {
              HttpsServer server = HttpsServer.create();
              server.setHttpsConfigurator(new HttpsConfigurator(tls));
              return server;
            }));
  }

  private interface Unbound {
    HttpServer create() throws IOException;
  }

  private static HttpServer unbound(Unbound server) {
    try {
      return server.create();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private FakeRegistry(HttpServer server) {
    this.server = server;
    try {
      server.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /** {@code 127.0.0.1:PORT}. */
  public String host() {
    return "127.0.0.1:" + port();
  }

  public void push(String repository, String tag, SampleImage image) {
    push(repository, tag, image.manifest());
    image.layers().forEach(layer -> put(layer.digest(), layer.bytes()));
    put(image.config().digest(), image.config().bytes());
  }

  public void push(String repository, String tag, SampleImage.Blob manifest) {
    manifests.put(repository + ":" + tag, manifest);
    manifests.put(repository + ":" + manifest.digest(), manifest);
  }

  /** Under any digest, also a wrong one. */
  public void put(Digest digest, byte[] bytes) {
    blobs.put(digest.value(), bytes);
  }

  public void fail(Fault fault) {
    faults.add(fault);
  }

  /** Answers so many requests that end so with a status, then lets them pass. */
  public void failTimes(int times, String pathEnd, int status) {
    int[] left = {times};
    fail(
        exchange -> {
          synchronized (left) {
            if (!exchange.getRequestURI().getPath().endsWith(pathEnd) || left[0]-- <= 0) {
              return false;
            }
          }
          answer(exchange, status, "text/plain", new byte[0]);
          return true;
        });
  }

  public void heal() {
    faults.clear();
  }

  public List<Asked> asked() {
    return List.copyOf(asked);
  }

  public List<Asked> asked(Predicate<Asked> which) {
    return asked.stream().filter(which).toList();
  }

  public long gets(String pathEnd) {
    return asked.stream().filter(request -> request.path().endsWith(pathEnd)).count();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    @Nullable String query = exchange.getRequestURI().getRawQuery();
    @Nullable String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    asked.add(
        new Asked(
            exchange.getRequestMethod(),
            path,
            query == null ? "" : query,
            authorization == null ? "" : authorization));
    try (exchange) {
      for (Fault fault : faults) {
        if (fault.answers(exchange)) {
          return;
        }
      }
      serve(exchange, path);
    }
  }

  private void serve(HttpExchange exchange, String path) throws IOException {
    List<String> parts = new ArrayList<>(List.of(path.split("/", -1)));
    String last = parts.removeLast();
    String kind = parts.isEmpty() ? "" : parts.removeLast();
    String repository = String.join("/", parts).replaceFirst("^/v2/", "");
    SampleImage.@Nullable Blob manifest = manifests.get(repository + ":" + last);
    byte @Nullable [] blob = blobs.get(last);
    if (kind.equals("manifests") && manifest != null) {
      exchange.getResponseHeaders().set("Docker-Content-Digest", manifest.digest().value());
      answer(exchange, 200, manifest.mediaType(), manifest.bytes());
    } else if (kind.equals("blobs") && blob != null) {
      sendBlob(exchange, blob);
    } else {
      answer(
          exchange,
          404,
          "application/json",
          SampleImage.utf8("{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"?\"}]}"));
    }
  }

  /** With ranges. */
  public static void sendBlob(HttpExchange exchange, byte[] blob) throws IOException {
    @Nullable String range = exchange.getRequestHeaders().getFirst("Range");
    int from = range == null ? 0 : Integer.parseInt(range.replaceFirst("bytes=([0-9]+)-", "$1"));
    if (range != null && from >= blob.length) {
      answer(exchange, 416, "text/plain", new byte[0]);
      return;
    }
    if (range != null) {
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, blob.length - 1, blob.length));
    }
    exchange.sendResponseHeaders(range == null ? 200 : 206, blob.length - from);
    try (OutputStream body = exchange.getResponseBody()) {
      body.write(blob, from, blob.length - from);
    }
  }

  public static void answer(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
