package dev.hull.cli.life;

import dev.hull.cli.action.Network;
import dev.hull.cli.config.Facts;
import dev.hull.cli.cri.Cri;
import dev.hull.cli.kubelet.FakeMounts;
import dev.hull.cli.kubelet.ImagePuller;
import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.StopException;
import dev.hull.cli.kubelet.StopRequest;
import dev.hull.cli.kubelet.Timeline;
import dev.hull.cli.manifest.Document;
import dev.hull.cli.manifest.Manifest;
import dev.hull.cli.manifest.ManifestException;
import dev.hull.cli.objects.ManifestObjects;
import dev.hull.cli.pod.Action;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.registry.Keyring;
import dev.hull.cli.terminal.PullProgress;
import dev.hull.cli.terminal.Terminal;
import dev.hull.cli.testing.FakeCri;
import dev.hull.cli.testing.FakeTime;
import dev.hull.cri.v1.DNSConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Pods that live over a fake CRI, by a clock that the test turns. */
public final class LifeHarness implements AutoCloseable {
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  public final FakeCri cri = new FakeCri();
  public final FakeTime time = new FakeTime();
  final FakeMounts mounts = new FakeMounts();
  final FakeNetwork network = new FakeNetwork();
  public final List<String> complaints = new ArrayList<>();
  final Path root;
  boolean patient = true;
  Executor tasks = Runnable::run;
  private final Cri connection = cri.connect();
  private final Neighbourhood neighbourhood = new Neighbourhood();
  private final StopRequest never = new StopRequest(time, Optional.empty());

  public LifeHarness(Path folder) throws IOException {
    root = folder.resolve("root");
    cri.imagePresent("i:1");
  }

  /** Answers as it is told, and remembers who was asked. */
  static final class FakeNetwork implements Network {
    int status = 200;
    boolean listens = true;
    String health = "SERVING";
    final List<String> asked = new ArrayList<>();

    @Override
    public int get(
        boolean tls,
        String host,
        int port,
        String path,
        List<Action.Header> headers,
        Duration deadline) {
      asked.add((tls ? "https" : "http") + "://" + host + ":" + port + path);
      return status;
    }

    @Override
    public void connect(String host, int port, Duration deadline) throws IOException {
      asked.add("tcp " + host + ":" + port);
      if (!listens) {
        throw new IOException("connection refused");
      }
    }

    @Override
    public String health(String host, int port, String service, Duration deadline) {
      asked.add("grpc " + host + ":" + port + " " + service);
      return health;
    }
  }

  /** The first pod of a manifest, among its other documents. */
  PodLife life(String text) {
    try {
      Manifest manifest = Manifest.parse("pod.yaml", text);
      Pod pod =
          manifest.documents().stream()
              .filter(Document.OfPod.class::isInstance)
              .map(document -> ((Document.OfPod) document).pod())
              .findFirst()
              .orElseThrow();
      return new PodLife(pod, "u1", around(manifest), LifeListener.NONE);
    } catch (ManifestException e) {
      throw new AssertionError(e);
    }
  }

  /** A pod with this spec, in YAML's flow style. */
  PodLife pod(String spec) {
    return life(
        """
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"a": "b"}},
         "spec": %s}
        """
            .formatted(spec));
  }

  /** What a pod of this manifest lives in. */
  public Surroundings around(Manifest manifest) {
    ManifestObjects objects = new ManifestObjects(manifest);
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    Timeline timeline = new Timeline(time);
    return new Surroundings(
        connection,
        time,
        () -> EPOCH.plusMillis(time.millis()),
        task -> tasks.execute(task),
        network,
        mounts,
        objects,
        new ImagePuller(
            connection,
            new PullProgress(new Terminal(nowhere, nowhere, false, false)),
            time,
            timeline),
        new Keyring(objects, Optional.empty(), (name, host) -> Optional.empty(), complaints::add),
        timeline,
        root,
        root.resolve("claims"),
        DNSConfig.newBuilder().addServers("9.9.9.9").addSearches("home").build(),
        new Facts(
            "",
            "node",
            List.of("192.0.2.1"),
            List.of(),
            BigDecimal.TWO,
            BigDecimal.valueOf(8L << 30)),
        neighbourhood,
        complaints::add,
        patient);
  }

  /** One step, without time passing. */
  void step(PodLife life) {
    try {
      var _ = life.step(never);
    } catch (PodException | StopException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Lets so much time pass, with as many steps as the pod wants. */
  void live(PodLife life, Duration duration) {
    long end = time.millis() + duration.toMillis();
    try {
      while (time.millis() < end) {
        Duration quiet = life.step(never);
        time.sleep(Duration.ofMillis(Math.min(quiet.toMillis(), end - time.millis())));
      }
      var _ = life.step(never);
    } catch (PodException | StopException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** What was called, without the looks. */
  List<String> calls() {
    return cri.calls();
  }

  long count(String call) {
    return cri.calls().stream().filter(call::equals).count();
  }

  @Override
  public void close() {
    connection.close();
    cri.close();
  }
}
