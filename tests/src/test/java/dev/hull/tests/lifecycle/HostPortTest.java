package dev.hull.tests.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ContainerMetadata;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.PortMapping;
import dev.hull.cri.v1.Protocol;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.HostState;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("machine")
final class HostPortTest {
  private static final int HTTP = 80;

  @TempDir private Path folder;

  @Test
  @Timeout(240)
  void aPortOfTheHostLeadsToTheServerInThePodUntilThePodIsRemoved() throws Exception {
    int port = freePort();
    try (Daemon daemon = new Daemon(folder).start();
        HttpClient http = HttpClient.newHttpClient()) {
      TestPod.load(daemon, TestPod.NGINX);
      HostState before = HostState.now(List.of());
      String machine;
      try (TestPod pod =
          TestPod.run(
              daemon,
              TestPod.config(folder.resolve("logs")).toBuilder()
                  .addPortMappings(
                      PortMapping.newBuilder()
                          .setProtocol(Protocol.TCP)
                          .setContainerPort(HTTP)
                          .setHostPort(port))
                  .build())) {
        pod.start(
            pod.create(
                ContainerConfig.newBuilder()
                    .setMetadata(ContainerMetadata.newBuilder().setName("nginx"))
                    .setImage(ImageSpec.newBuilder().setImage(TestPod.NGINX))
                    .setLogPath("nginx.log")
                    .build()));
        machine = pod.id().substring(0, 12);
        String host = pod.hostAddress().getHostAddress();
        for (String address : List.of(host, "127.0.0.1")) {
          await("http://" + address + ":" + port)
              .atMost(Duration.ofSeconds(30))
              .pollInterval(Duration.ofMillis(100))
              .ignoreExceptions()
              .until(() -> status(http, address, port) == 200);
        }
        assertThat(HostState.now(List.of()).since(before))
            .as("the port's rule and the machine's namespace")
            .anyMatch(line -> isRule(line, port))
            .anyMatch(line -> line.contains(machine));
      }
      // The chains that all ports share stay, as the plugin has it.
      assertThat(HostState.now(List.of()).since(before))
          .noneMatch(line -> isRule(line, port))
          .noneMatch(line -> line.contains(machine));
    }
  }

  private static boolean isRule(String line, int port) {
    return line.startsWith("iptables: ") && (line + " ").matches(".*--dports? " + port + " .*");
  }

  private static int status(HttpClient http, String address, int port) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + address + ":" + port + "/"))
            .timeout(Duration.ofSeconds(5))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
