package dev.hull.cli.action;

import dev.hull.cli.pod.Action;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** The real network. */
public final class HostNetwork implements Network {
  private static final String USER_AGENT = "kube-probe/hull";
  private static final int MOST_REDIRECTS = 10;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  static {
    // A probe may name the virtual host that it asks for.
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host,connection");
  }

  @Override
  public int get(
      boolean tls,
      String host,
      int port,
      String path,
      List<Action.Header> headers,
      Duration deadline)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + deadline.toNanos();
    try (HttpClient client = client(tls, deadline)) {
      URI uri = new URI((tls ? "https" : "http") + "://" + bracketed(host) + ":" + port + path);
      for (int i = 0; i <= MOST_REDIRECTS; i++) {
        Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(left).GET();
        request.setHeader("User-Agent", USER_AGENT).setHeader("Accept", "*/*");
        for (Action.Header header : headers) {
          request.setHeader(header.name(), header.value());
        }
        HttpResponse<InputStream> response =
            client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        // What a page says is no matter, and it may have no end.
        response.body().close();
        String location = response.headers().firstValue("Location").orElse("");
        if (!REDIRECTS.contains(response.statusCode()) || location.isEmpty()) {
          return response.statusCode();
        }
        URI next = uri.resolve(location);
        if (!host.equals(next.getHost()) && !bracketed(host).equals(next.getHost())) {
          // As the kubelet: to be sent elsewhere is an answer, and elsewhere is not asked.
          return response.statusCode();
        }
        uri = next;
      }
      throw new IOException("stopped after " + MOST_REDIRECTS + " redirects");
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new IOException("there is no such page: " + e.getMessage(), e);
    }
  }

  private static HttpClient client(boolean tls, Duration deadline) throws IOException {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(deadline);
    if (tls) {
      builder.sslContext(believing());
    }
    return builder.build();
  }

  /** A probe asks whether somebody answers, not who: the kubelet believes any certificate too. */
  private static SSLContext believing() throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new AnyCertificate()}, new SecureRandom());
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("this JDK has no TLS", e);
    }
  }

  @Override
  public void connect(String host, int port, Duration deadline) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(host, port), (int) Math.min(deadline.toMillis(), 1_000_000));
    }
  }

  @Override
  public String health(String host, int port, String service, Duration deadline)
      throws IOException {
    ManagedChannel channel =
        OkHttpChannelBuilder.forAddress(bracketed(host), port)
            .usePlaintext()
            .proxyDetector(target -> null)
            .userAgent(USER_AGENT)
            .build();
    try {
      return HealthGrpc.newBlockingStub(channel)
          .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS)
          .check(HealthCheckRequest.newBuilder().setService(service).build())
          .getStatus()
          .name();
    } catch (StatusRuntimeException e) {
      throw new IOException("the health service did not answer: " + e.getStatus(), e);
    } finally {
      channel.shutdownNow();
    }
  }

  private static String bracketed(String host) {
    return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
  }
}
