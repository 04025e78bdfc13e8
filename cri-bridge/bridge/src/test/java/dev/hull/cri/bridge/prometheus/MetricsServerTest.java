package dev.hull.cri.bridge.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cri.bridge.daemon.FakeImages;
import dev.hull.cri.host.HostException;
import dev.hull.vm.FakeMachines;
import dev.hull.vm.Machine;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class MetricsServerTest {
  private final DaemonMetrics metrics =
      new DaemonMetrics(new FakeMachines(Clock.systemUTC()), new FakeImages());
  private final HttpClient client = HttpClient.newHttpClient();
  private MetricsServer server = noServer();

  @SuppressWarnings("NullAway") // set before each test
  private static MetricsServer noServer() {
    return null;
  }

  @BeforeEach
  void start() throws HostException {
    server =
        MetricsServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), metrics);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    server.close();
  }

  private HttpRequest.Builder to(String path) {
    InetSocketAddress address = server.address();
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void callsAreCountedByMethodAndCodeWithTheirTimes() throws Exception {
    metrics.answered("Version", Status.Code.OK, Duration.ofMillis(2));
    metrics.answered("Version", Status.Code.OK, Duration.ofMillis(200));
    metrics.answered("RunPodSandbox", Status.Code.INTERNAL, Duration.ofSeconds(5));
    assertThat(send(to("/metrics")).body().lines())
        .contains(
            "hull_rpc_duration_seconds_count{code=\"OK\",method=\"Version\"} 2",
            "hull_rpc_duration_seconds_bucket{code=\"OK\",method=\"Version\",le=\"0.003\"} 1",
            "hull_rpc_duration_seconds_bucket{code=\"INTERNAL\",method=\"RunPodSandbox\",le=\"10.0\"} 1");
  }

  private static Machine.TimelineStep step(String name) {
    return new Machine.TimelineStep(name, Duration.ZERO, Duration.ZERO);
  }

  @Test
  void startsAreToldApartByWhereTheMachineCameFrom() throws Exception {
    metrics.started(List.of(step("network"), step("restore")), Duration.ofSeconds(2));
    metrics.started(List.of(step("resume"), step("identity")), Duration.ofMillis(300));
    metrics.started(List.of(step("network"), step("domain")), Duration.ofSeconds(11));
    metrics.started(List.of(step("network"), step("domain")), Duration.ofSeconds(12));
    assertThat(send(to("/metrics")).body().lines())
        .contains(
            "hull_sandbox_start_seconds_count{kind=\"copy\"} 1",
            "hull_sandbox_start_seconds_count{kind=\"spare\"} 1",
            "hull_sandbox_start_seconds_count{kind=\"boot\"} 2",
            "hull_sandbox_start_seconds_sum{kind=\"boot\"} 23.0");
  }

  @Test
  void whatThereIsIsCountedWhenItIsAsked() throws Exception {
    assertThat(send(to("/metrics")).body().lines())
        .contains(
            "hull_machines{state=\"running\"} 0.0",
            "hull_containers{state=\"exited\"} 0.0",
            "hull_spare_machines 0.0",
            "hull_image_store_bytes 4096.0",
            "hull_image_store_inodes 7.0");
  }

  @Test
  void theFormatIsPrometheusOwn() throws Exception {
    HttpResponse<String> answer = send(to("/metrics"));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
    assertThat(answer.body()).contains("# TYPE hull_sandbox_start_seconds histogram");
  }

  @Test
  void nothingElseIsThere() throws Exception {
    assertThat(send(to("/")).statusCode()).isEqualTo(404);
    assertThat(send(to("/metrics").POST(BodyPublishers.noBody())).statusCode()).isEqualTo(405);
  }

  @Test
  void anAddressThatIsTakenIsNamedWithTheRemedy() {
    assertThatThrownBy(() -> MetricsServer.start(server.address(), metrics))
        .isInstanceOf(HostException.class)
        .hasMessageContaining("cannot serve metrics at")
        .hasMessageContaining("choose another metrics.address");
  }
}
