package dev.hull.tests.harness;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A registry on loopback that has the images of an OCI layout, by their names in it. */
public final class LayoutRegistry implements AutoCloseable {
  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  private final Path layout;
  private final String expected;
  private final Map<String, String> digests = new HashMap<>();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  public LayoutRegistry(Path layout) {
    this(layout, "");
  }

  /** One that answers only to a {@code user:password}. */
  public static LayoutRegistry locked(Path layout, String user) {
    return new LayoutRegistry(layout, user);
  }

  private LayoutRegistry(Path layout, String user) {
    this.layout = layout;
    this.expected =
        user.isEmpty()
            ? ""
            : "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
    try {
      JsonObject index =
          JsonParser.parseString(Files.readString(layout.resolve("index.json"))).getAsJsonObject();
      for (JsonElement entry : index.getAsJsonArray("manifests")) {
        JsonObject manifest = entry.getAsJsonObject();
        digests.put(
            manifest.getAsJsonObject("annotations").get(REF_NAME).getAsString(),
            manifest.get("digest").getAsString());
      }
      server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/v2/", this::answer);
    server.start();
  }

  /** What stands before the names of its images. */
  public String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** What to call an image of the layout here: its name without the host, behind this one. */
  public String reference(String name) {
    return host() + name.substring(name.indexOf('/'));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String given = exchange.getRequestHeaders().getFirst("Authorization");
      if (!expected.isEmpty() && !expected.equals(given)) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"tests\"");
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      String path = exchange.getRequestURI().getPath();
      if (path.equals("/v2/")) {
        // Some clients ask first whether this is a registry.
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      String version = path.substring(path.lastIndexOf('/') + 1);
      String name = path.replaceFirst("^/v2", "").replaceFirst("/manifests/", ":");
      String digest =
          digests.entrySet().stream()
              .filter(entry -> entry.getKey().endsWith(name))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElse(version);
      Path blob = layout.resolve("blobs/sha256").resolve(digest.replace("sha256:", ""));
      if (!digest.startsWith("sha256:") || !Files.exists(blob)) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      boolean manifest = path.contains("/manifests/");
      exchange
          .getResponseHeaders()
          .set("Content-Type", manifest ? MANIFEST : "application/octet-stream");
      exchange.sendResponseHeaders(200, Files.size(blob));
      Files.copy(blob, exchange.getResponseBody());
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
