package dev.hull.tests.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("machine")
final class BandwidthTest {
  private static final int BYTES = 512 * 1024;

  @TempDir private Path folder;

  @Test
  @Timeout(240)
  void anAnnotationHoldsBackWhatThePodSendsAndNothingElse() throws Exception {
    try (Daemon daemon = new Daemon(folder).start()) {
      TestPod.load(daemon, TestPod.DEBIAN);
      try (TestPod pod =
          TestPod.run(
              daemon,
              TestPod.config(folder.resolve("logs")).toBuilder()
                  .putAnnotations("kubernetes.io/egress-bandwidth", "1M")
                  .build())) {
        String container = pod.shell("shell", "sleep infinity");
        Duration sent =
            exchange(
                pod, container, "head -c " + BYTES + " /dev/zero > $peer", BandwidthTest::read);
        Duration received = exchange(pod, container, "cat < $peer | wc -c", BandwidthTest::write);
        assertThat(sent)
            .as("4 Mbit at 1 Mbit/s, after a burst of 0.25 Mbit")
            .isGreaterThan(Duration.ofMillis(3500));
        assertThat(received).isLessThan(sent.dividedBy(3));
      }
    }
  }

  private interface Peer {
    void serve(Socket connection) throws Exception;
  }

  /** How long a script takes that speaks to a server of this test as {@code $peer}. */
  private static Duration exchange(TestPod pod, String container, String script, Peer peer)
      throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, pod.hostAddress())) {
      Callable<Void> once =
          () -> {
            try (Socket connection = server.accept()) {
              peer.serve(connection);
            }
            return null;
          };
      FutureTask<Void> served = new FutureTask<>(once);
      Thread thread = Thread.ofVirtual().start(served);
      String file =
          "/dev/tcp/%s/%d"
              .formatted(server.getInetAddress().getHostAddress(), server.getLocalPort());
      long before = System.nanoTime();
      var answer = pod.exec(container, "/bin/bash", "-c", script.replace("$peer", file));
      assertThat(answer.getStderr().toStringUtf8()).isEmpty();
      assertThat(answer.getExitCode()).isZero();
      served.get();
      thread.join();
      return Duration.ofNanos(System.nanoTime() - before);
    }
  }

  private static void read(Socket connection) throws Exception {
    assertThat(connection.getInputStream().readAllBytes()).hasSize(BYTES);
  }

  private static void write(Socket connection) throws Exception {
    OutputStream output = connection.getOutputStream();
    output.write(new byte[BYTES]);
  }
}
