package dev.hull.tests.bench;

import dev.hull.cri.bridge.streaming.client.WebSocketClient;
import dev.hull.cri.host.Bench.Outcome;
import dev.hull.cri.host.HostException;
import dev.hull.cri.v1.ExecRequest;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/** How fast bytes go into a command in a container and come back, over the streaming server. */
final class StreamBench {
  private static final int MIB = 32;
  private static final int CHUNK_BYTES = 1 << 20;
  private static final String PROTOCOL = "v5.channel.k8s.io";
  private static final int STDIN = 0;
  private static final int STDOUT = 1;

  private StreamBench() {}

  static Outcome measure(BenchRoom room, int runs) throws IOException, HostException {
    Samples samples = new Samples();
    room.makeTemplate();
    try (Daemon daemon = room.daemon("stream", BenchRoom.COPYING);
        TestPod pod = TestPod.run(daemon, room.logs())) {
      String container = pod.shell("work", "exec sleep infinity");
      for (int run = 1; run <= runs; run++) {
        Stopwatch watch = new Stopwatch();
        echo(daemon, container);
        samples.add("stream.echo", "MiB/s", MIB / watch.seconds());
        room.say("%d MiB in and out again, run %d of %d".formatted(MIB, run, runs));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostException("interrupted while bytes were on their way", e);
    }
    return new Outcome(samples.figures(), List.of());
  }

  /** Sends it all, while another thread reads what comes back; ends when all of it has. */
  private static void echo(Daemon daemon, String container)
      throws IOException, HostException, InterruptedException {
    URI url =
        URI.create(
            daemon
                .cri()
                .runtime()
                .exec(
                    ExecRequest.newBuilder()
                        .setContainerId(container)
                        .addCmd("cat")
                        .setStdin(true)
                        .setStdout(true)
                        .build())
                .getUrl());
    try (WebSocketClient client = WebSocketClient.open(url, PROTOCOL)) {
      Thread sender = Thread.ofVirtual().start(() -> send(client));
      long came = 0;
      for (byte[] part = client.read(STDOUT); part != null; part = client.read(STDOUT)) {
        came += part.length;
      }
      sender.join();
      if (came != (long) MIB * CHUNK_BYTES) {
        throw new HostException(
            "%d bytes came back of %d".formatted(came, (long) MIB * CHUNK_BYTES));
      }
    }
  }

  private static void send(WebSocketClient client) {
    byte[] chunk = new byte[CHUNK_BYTES];
    for (int mib = 0; mib < MIB; mib++) {
      client.send(STDIN, chunk);
    }
    client.end(STDIN);
  }
}
