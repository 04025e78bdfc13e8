package dev.hull.tests.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.cri.v1.ImageFsInfoRequest;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("machine")
@Timeout(180)
final class ServiceTest {
  @TempDir private Path folder;

  @Test
  void itsMetricsTellWhatItHasAndItsLogIsForPrograms() throws Exception {
    int port = freePort();
    try (Daemon daemon =
        new Daemon(folder)
            .settings("log.format: json", "metrics.address: 127.0.0.1:" + port)
            .start()) {
      TestPod.load(daemon, TestPod.DEBIAN);
      try (TestPod pod = TestPod.run(daemon, folder.resolve("logs"))) {
        pod.shell("lives", "sleep 600");
        Map<String, Double> metrics = metrics(port);
        assertThat(metrics)
            .containsEntry("hull_machines{state=\"running\"}", 1.0)
            .containsEntry("hull_containers{state=\"running\"}", 1.0)
            .containsEntry("hull_sandbox_start_seconds_count{kind=\"copy\"}", 1.0)
            .containsEntry(
                "hull_rpc_duration_seconds_count{code=\"OK\",method=\"RunPodSandbox\"}", 1.0)
            .containsEntry("hull_image_store_bytes", storeBytes(daemon));
      }
      assertThat(metrics(port)).containsEntry("hull_machines{state=\"running\"}", 0.0);
      List<JsonObject> events =
          Files.readAllLines(daemon.log()).stream()
              .filter(line -> line.startsWith("{"))
              .map(line -> JsonParser.parseString(line).getAsJsonObject())
              .toList();
      assertThat(events)
          .anySatisfy(
              event -> {
                assertThat(event.get("formattedMessage").getAsString()).isEqualTo("answered");
                assertThat(event.get("kvpList").toString()).contains("RunPodSandbox");
              });
    }
  }

  private static double storeBytes(Daemon daemon) {
    return daemon
        .cri()
        .images()
        .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
        .getImageFilesystems(0)
        .getUsedBytes()
        .getValue();
  }

  private static Map<String, Double> metrics(int port) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build(),
              BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(" ", 2))
          .collect(Collectors.toMap(pair -> pair[0], pair -> Double.parseDouble(pair[1])));
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
