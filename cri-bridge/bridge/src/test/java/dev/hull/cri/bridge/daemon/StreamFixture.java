package dev.hull.cri.bridge.daemon;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.cri.bridge.streaming.StreamingLimits;
import dev.hull.cri.bridge.streaming.client.SpdyClient;
import dev.hull.cri.bridge.streaming.client.UpgradeException;
import dev.hull.cri.v1.AttachRequest;
import dev.hull.cri.v1.ExecRequest;
import dev.hull.cri.v1.PortForwardRequest;
import dev.hull.cri.v1.RemovePodSandboxRequest;
import dev.hull.cri.v1.StopPodSandboxRequest;
import dev.hull.vm.FakeProgram;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/** A daemon with one pod and a running container, and programs whose streams are of interest. */
final class StreamFixture implements AutoCloseable {
  final TestDaemon daemon;
  final String pod;
  final String container;

  /** Bytes that the program "flood" has written. */
  final AtomicLong flooded = new AtomicLong();

  /** The last signal that "stubborn" lived through. */
  final AtomicLong survived = new AtomicLong();

  StreamFixture(Path folder) throws Exception {
    this(folder, StreamingLimits.DEFAULT);
  }

  StreamFixture(Path folder, StreamingLimits limits) throws Exception {
    daemon = new TestDaemon(folder, limits);
    daemon.machines().programs(args -> program(args.getFirst()));
    pod = daemon.run("web");
    container = daemon.started(pod, "main", "sleep");
  }

  private @Nullable FakeProgram program(String name) {
    return switch (name) {
      case "sleep" -> FakeProgram.SLEEPS;
      case "cat" ->
          io -> {
            for (byte[] data = io.read(); data != null; data = io.read()) {
              io.print(data);
            }
            return 0;
          };
      case "fail" ->
          io -> {
            io.print("out");
            io.printError("err");
            return 3;
          };
      case "sizes" ->
          io -> {
            for (int i = 0; i < 2; i++) {
              FakeProgram.Size size = io.awaitSize();
              io.print(size.columns() + "x" + size.rows() + "\n");
            }
            return 0;
          };
      case "flood" ->
          io -> {
            byte[] piece = new byte[32 * 1024];
            while (!Thread.currentThread().isInterrupted()) {
              io.print(piece);
              flooded.addAndGet(piece.length);
            }
            return 1;
          };
      case "stubborn" ->
          new FakeProgram() {
            @Override
            public int run(Io io) throws InterruptedException {
              io.print("here\n");
              return io.sleepForever();
            }

            @Override
            public boolean survives(int signal) {
              survived.set(signal);
              return true;
            }
          };
      default -> null;
    };
  }

  /** An exec of a program with these of "stdin", "stdout", "stderr" and "tty". */
  URI exec(String program, String... streams) {
    List<String> wanted = List.of(streams);
    return URI.create(
        daemon
            .runtime()
            .exec(
                ExecRequest.newBuilder()
                    .setContainerId(container)
                    .addCmd(program)
                    .setStdin(wanted.contains("stdin"))
                    .setStdout(wanted.contains("stdout"))
                    .setStderr(wanted.contains("stderr"))
                    .setTty(wanted.contains("tty"))
                    .build())
            .getUrl());
  }

  URI attach(String id, String... streams) {
    List<String> wanted = List.of(streams);
    return URI.create(
        daemon
            .runtime()
            .attach(
                AttachRequest.newBuilder()
                    .setContainerId(id)
                    .setStdin(wanted.contains("stdin"))
                    .setStdout(wanted.contains("stdout"))
                    .setStderr(wanted.contains("stderr"))
                    .setTty(wanted.contains("tty"))
                    .build())
            .getUrl());
  }

  URI portForward(Integer... ports) {
    return URI.create(
        daemon
            .runtime()
            .portForward(
                PortForwardRequest.newBuilder()
                    .setPodSandboxId(pod)
                    .addAllPort(List.of(ports))
                    .build())
            .getUrl());
  }

  static SpdyClient.Stream stream(SpdyClient client, String type) throws IOException {
    return client.stream(Map.of("streamtype", type));
  }

  static JsonObject json(byte[] bytes) {
    return JsonParser.parseString(text(bytes)).getAsJsonObject();
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] random(int count) {
    byte[] bytes = new byte[count];
    new Random(42).nextBytes(bytes);
    return bytes;
  }

  static void refused(ThrowingCallable open, int status) {
    assertThatThrownBy(open)
        .isInstanceOfSatisfying(
            UpgradeException.class,
            e -> org.assertj.core.api.Assertions.assertThat(e.status()).isEqualTo(status));
  }

  /** Waits until the figure has begun to grow and grows no more, and returns it. */
  static long settled(LongSupplier figure) {
    AtomicLong before = new AtomicLong(-1);
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(300))
        .until(
            () -> {
              long now = figure.getAsLong();
              return now > 0 && before.getAndSet(now) == now;
            });
    return before.get();
  }

  /** Removes the pod and stops the daemon; nothing may be left open on the machines. */
  @Override
  public void close() {
    var _ =
        daemon
            .runtime()
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
    var _ =
        daemon
            .runtime()
            .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
    daemon.close();
    daemon.machines().checkNothingLeaked();
  }
}
