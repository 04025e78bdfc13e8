package dev.hull.cri.bridge.prometheus;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.hull.cri.host.HostException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code GET /metrics} over HTTP, for whoever reaches the address. */
public final class MetricsServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MetricsServer.class);
  private static final int BACKLOG = 16;

  private final DaemonMetrics metrics;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private MetricsServer(DaemonMetrics metrics, HttpServer server) {
    this.metrics = metrics;
    this.server = server;
  }

  /** Serves from when this returns. */
  public static MetricsServer start(InetSocketAddress address, DaemonMetrics metrics)
      throws HostException {
    try {
      MetricsServer started = new MetricsServer(metrics, HttpServer.create(address, BACKLOG));
      started.server.createContext("/", started::answer);
      started.server.setExecutor(started.threads);
      started.server.start();
      LOG.atInfo().addKeyValue("address", started.address()).log("metrics are served");
      return started;
    } catch (IOException e) {
      throw new HostException(
          "cannot serve metrics at %s: %s; choose another metrics.address"
              .formatted(address, e.getMessage()),
          e);
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestURI().getPath().equals("/metrics")) {
        exchange.sendResponseHeaders(404, -1);
      } else if (!exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET");
        exchange.sendResponseHeaders(405, -1);
      } else {
        write(exchange);
      }
    }
  }

  private void write(HttpExchange exchange) throws IOException {
    String accept = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Accept")).orElse("");
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try {
      metrics.write(accept, body);
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("the metrics cannot be read");
      exchange.sendResponseHeaders(500, -1);
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", metrics.contentType(accept));
    exchange.sendResponseHeaders(200, body.size());
    body.writeTo(exchange.getResponseBody());
  }

  /** Breaks off what is being answered. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
