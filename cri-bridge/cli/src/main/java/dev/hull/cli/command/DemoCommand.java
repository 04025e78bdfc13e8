package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.daemon.OwnDaemon;
import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.StopException;
import dev.hull.cli.kubelet.StopRequest;
import dev.hull.cli.kubelet.Timeline;
import dev.hull.cli.life.Crew;
import dev.hull.cli.life.PodLife;
import dev.hull.cli.life.State;
import dev.hull.cli.manifest.Manifest;
import dev.hull.cli.manifest.ManifestException;
import dev.hull.cli.terminal.Table;
import dev.hull.cri.host.HostException;
import dev.hull.cri.v1.PodSandboxStatusRequest;
import dev.hull.cri.v1.PodSandboxStatusResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** hull demo. */
@Command(
    name = "demo",
    description = {
      "Run the Pod of the README: a debian container writes a page into a volume, an nginx container"
          + " serves it.",
      "Fetches the page from the Pod's address, says how long everything took, and leaves nothing"
          + " behind."
    })
final class DemoCommand implements Callable<Integer> {
  private static final Duration PAGE_DEADLINE = Duration.ofMinutes(2);
  private static final Duration RETRY = Duration.ofMillis(100);
  private static final List<String> SAMPLES = List.of("debian", "nginx");

  private final Context context;

  @Option(
      names = "--samples",
      paramLabel = "DIR",
      description = "The OCI layout with the two images, made by images/samples.")
  Optional<Path> samples = Optional.empty();

  @Option(names = "--guest-image", paramLabel = "DIR", description = "Made by images/guest.")
  Optional<Path> guestImage = Optional.empty();

  DemoCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, InterruptedException {
    Path layout = layout();
    Manifest manifest = manifest();
    StopRequest stop = new StopRequest(context.time(), Optional.empty());
    Timeline timeline = new Timeline(context.time());
    OwnDaemon.Root root = new OwnDaemon.Root.Temporary(context.root().resolve("run"));
    try (SignalledStop _ = new SignalledStop(stop, context)) {
      long began = context.time().millis();
      try (PodSession session = PodSession.own(context, root, guestImage)) {
        timeline.took("daemon", began);
        for (String sample : SAMPLES) {
          var _ =
              context
                  .puller(session.cri(), timeline)
                  .load(layout, "hull.local/" + sample + ":12", stop);
        }
        return run(session, manifest, timeline, stop);
      }
    } catch (StopException e) {
      context.complain(e.getMessage());
      return e.exitCode();
    } catch (HostException | PodException | CriException e) {
      context.complain(e.getMessage());
      return ExitCodes.HULL_FAILED;
    }
  }

  private int run(PodSession session, Manifest manifest, Timeline timeline, StopRequest stop)
      throws PodException, StopException, InterruptedException {
    Crew crew = session.crew(manifest, timeline);
    boolean released = false;
    try {
      crew.live(stop, life -> writer(life).isPresent());
      PodLife life = crew.lives().getFirst();
      State.Terminated writer = writer(life).orElseThrow();
      if (writer.exitCode() != 0) {
        throw new PodException(
            "the debian container exited with " + writer.exitCode() + " " + writer.message());
      }
      String id = life.sandboxId().orElseThrow();
      PodSandboxStatusResponse status =
          session
              .cri()
              .runtime(
                  Cri.QUICK,
                  stub ->
                      stub.podSandboxStatus(
                          PodSandboxStatusRequest.newBuilder()
                              .setPodSandboxId(id)
                              .setVerbose(true)
                              .build()));
      String address = status.getStatus().getNetwork().getIp();
      if (address.isEmpty()) {
        throw new PodException("the pod " + id + " has no IP address");
      }
      long began = context.time().millis();
      String page = page(address, stop);
      timeline.took("page fetched", began);
      context.terminal().out().println(page.strip());
      SandboxTimeline.addTo(timeline, status);
      long stopping = context.time().millis();
      released = session.release(crew);
      timeline.took("pod stopped and removed", stopping);
    } finally {
      if (!released) {
        released = session.release(crew);
      }
    }
    context.terminal().out().println();
    context.terminal().out().print(table(timeline));
    return released ? ExitCodes.OK : ExitCodes.HULL_FAILED;
  }

  private static Optional<State.Terminated> writer(PodLife life) {
    return life.status().ordinary().stream()
        .filter(container -> container.name().equals("debian"))
        .flatMap(
            container ->
                container.state() instanceof State.Terminated end ? Stream.of(end) : Stream.empty())
        .findFirst();
  }

  /** The server may not listen yet when its process has been started. */
  private String page(String address, StopRequest stop)
      throws PodException, StopException, InterruptedException {
    String host = address.contains(":") ? "[" + address + "]" : address;
    URI uri = URI.create("http://" + host + "/");
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).GET().build();
    long began = context.time().millis();
    String last = "nothing";
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build()) {
      while (context.time().millis() - began < PAGE_DEADLINE.toMillis()) {
        stop.check();
        try {
          HttpResponse<InputStream> response =
              client.send(request, HttpResponse.BodyHandlers.ofInputStream());
          try (InputStream body = response.body()) {
            if (response.statusCode() == 200) {
              // A guest may be hostile: no more than a page is taken from it.
              return new String(body.readNBytes(64 << 10), StandardCharsets.UTF_8);
            }
          }
          last = "HTTP status " + response.statusCode();
        } catch (IOException e) {
          last = e.toString();
        }
        context.time().sleep(RETRY);
      }
    }
    throw new PodException(
        "no page came from " + uri + " within " + PAGE_DEADLINE.toSeconds() + " s; last: " + last);
  }

  private static String table(Timeline timeline) {
    Table table = new Table("STEP", "BEGAN (ms)", "TOOK (ms)");
    for (Timeline.Step step : timeline.steps()) {
      table.row(step.name(), Long.toString(step.beganMillis()), Long.toString(step.tookMillis()));
    }
    return table.render();
  }

  private Path layout() throws UserException {
    Optional<Path> folder =
        samples.or(
            () -> Optional.ofNullable(context.environment().get("HULL_SAMPLES")).map(Path::of));
    if (folder.isEmpty()) {
      throw new UserException(
          "the images of the demo are not there; start it by the launcher: ./hull demo");
    }
    if (!Files.exists(folder.get().resolve("index.json"))) {
      throw new UserException(
          "there is no OCI layout in %s; delete it and start ./hull demo again"
              .formatted(folder.get()));
    }
    return folder.get().toAbsolutePath();
  }

  private static Manifest manifest() {
    try (InputStream stream = DemoCommand.class.getResourceAsStream("demo-pod.yaml")) {
      if (stream == null) {
        throw new IllegalStateException("the jar lacks demo-pod.yaml");
      }
      return Manifest.parse(
          "demo-pod.yaml", new String(stream.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ManifestException e) {
      throw new IllegalStateException("the demo's own manifest is wrong", e);
    }
  }
}
