package dev.hull.tests.bench;

import dev.hull.cri.host.Bench.Outcome;
import dev.hull.cri.host.HostException;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.PullImageRequest;
import dev.hull.cri.v1.RemoveImageRequest;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.LayoutRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * PullImage from a registry on loopback until a container could start, beside {@code skopeo copy}
 * and {@code umoci unpack} of the same image from the same registry.
 */
final class PullBench {
  private static final int LAYERS = 3;
  private static final int MIB_A_LAYER = 100;
  private static final String NAME = "hull.bench/pull:1";
  private static final List<String> PEERS = List.of("skopeo", "umoci");
  private static final Duration DEADLINE = Duration.ofMinutes(10);

  private PullBench() {}

  static Outcome measure(BenchRoom room, int runs) throws IOException, HostException {
    Samples samples = new Samples();
    Path layout = room.folder().resolve("image");
    room.say("making an image of %d layers of %d MiB".formatted(LAYERS, MIB_A_LAYER));
    LayeredImage.write(layout, NAME, LAYERS, MIB_A_LAYER);
    List<String> missing = PEERS.stream().filter(peer -> !isInstalled(peer)).toList();
    try (LayoutRegistry registry = new LayoutRegistry(layout);
        Daemon daemon = room.daemon("pull", BenchRoom.BOOTING)) {
      String reference = registry.reference(NAME);
      for (int run = 1; run <= runs; run++) {
        samples.time("pull.image", pull(daemon, reference));
        if (missing.isEmpty()) {
          samples.time("pull.skopeo_and_umoci", peers(room, reference, run));
        }
        room.say("pulled, run %d of %d".formatted(run, runs));
      }
    }
    if (missing.isEmpty()) {
      samples.ratio("pull.image.ratio_to_skopeo_and_umoci", "pull.image", "pull.skopeo_and_umoci");
    } else {
      room.say(
          "measured alone; for what it is beside others, install: " + String.join(" ", missing));
    }
    return new Outcome(samples.figures(), List.of());
  }

  private static Duration pull(Daemon daemon, String reference) {
    ImageSpec image = ImageSpec.newBuilder().setImage(reference).build();
    Stopwatch watch = new Stopwatch();
    var _ = daemon.cri().images().pullImage(PullImageRequest.newBuilder().setImage(image).build());
    Duration took = watch.elapsed();
    var _ =
        daemon.cri().images().removeImage(RemoveImageRequest.newBuilder().setImage(image).build());
    return took;
  }

  private static boolean isInstalled(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static Duration peers(BenchRoom room, String reference, int run)
      throws IOException, HostException {
    Path folder = Files.createDirectory(room.folder().resolve("peers-" + run));
    String copy = folder.resolve("copy") + ":1";
    Stopwatch watch = new Stopwatch();
    run(
        folder,
        List.of(
            "skopeo",
            "copy",
            "--quiet",
            "--src-tls-verify=false",
            "docker://" + reference,
            "oci:" + copy));
    run(folder, List.of("umoci", "unpack", "--image", copy, folder.resolve("bundle").toString()));
    return watch.elapsed();
  }

  private static void run(Path folder, List<String> command) throws IOException, HostException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    try {
      if (process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS) && process.exitValue() == 0) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
    }
    throw new HostException(
        "%s failed: %s"
            .formatted(
                String.join(" ", command),
                Files.readString(folder.resolve("log"), StandardCharsets.UTF_8).strip()));
  }
}
