package dev.hull.tests.images;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.LinuxContainerConfig;
import dev.hull.cri.v1.LinuxContainerSecurityContext;
import dev.hull.cri.v1.LinuxPodSandboxConfig;
import dev.hull.cri.v1.LinuxSandboxSecurityContext;
import dev.hull.cri.v1.Mount;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.PullImageRequest;
import dev.hull.images.Image;
import dev.hull.images.layout.Compression;
import dev.hull.images.layout.LayoutWriter;
import dev.hull.images.layout.TarSource;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestEnvironment;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two layers with everything that a layer can hold, above those of the debian sample: what a
 * container sees of them against what GNU tar makes of the same tars in the same guest.
 */
@Tag("machine")
@Timeout(240)
final class LayerFidelityTest {
  private static final String IMAGE = "hull.local/fidelity:1";
  private static final long MIB = 1L << 20;

  /** Removes by hand what the upper layer's whiteouts say, for tar does not know them. */
  private static final String SCRIPT =
      """
      set -e
      # What tar warns of: times before 1970 and in the future.
      unpack() { tar --xattrs --xattrs-include='*' --warning=no-timestamp -C /made -xpf "$@"; }
      mkdir /made
      unpack /volume/lower.tar
      (cd /made/layer && rm -r gone-file gone-folder opaque folder-to-file file-to-folder)
      unpack /volume/upper.tar --exclude='.wh.*'
      perl /volume/listing.pl /made/layer >/volume/tar.txt
      perl /volume/listing.pl /layer >/volume/image.txt
      """;

  @TempDir private Path folder;

  @Test
  void aContainerSeesWhatTarMakesOfTheLayers() throws Exception {
    Path volume = Files.createDirectory(folder.resolve("volume"));
    for (String script : List.of("layers.pl", "listing.pl")) {
      try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream(script))) {
        Files.copy(in, volume.resolve(script));
      }
    }
    run("perl", volume.resolve("layers.pl").toString(), volume.toString());
    Path layout = layout(volume.resolve("lower.tar"), volume.resolve("upper.tar"));
    try (Daemon daemon = new Daemon(folder).start()) {
      load(daemon, layout);
      assertThat(bytes(daemon.root().resolve("images")))
          .as("holes of more than 5 GiB take no space")
          .isLessThan(1024 * MIB);
      try (TestPod pod = TestPod.run(daemon, privileged())) {
        String container =
            pod.start(pod.create("compare", IMAGE, SCRIPT, spec -> withVolume(spec, volume)));
        int code = pod.awaitExit(container).getExitCode();
        assertThat(code).as(pod.output(container)).isZero();
      }
    }
    List<String> expected = Files.readAllLines(volume.resolve("tar.txt"));
    assertThat(expected).as("listing of what tar made").hasSizeGreaterThan(75);
    assertThat(Files.readAllLines(volume.resolve("image.txt"))).containsExactlyElementsOf(expected);
  }

  private static ContainerConfig.Builder withVolume(ContainerConfig.Builder spec, Path volume) {
    return spec.addMounts(
            Mount.newBuilder().setHostPath(volume.toString()).setContainerPath("/volume"))
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setSecurityContext(
                    LinuxContainerSecurityContext.newBuilder().setPrivileged(true)));
  }

  /** As root in the guest: attributes named trusted and devices want it. */
  private PodSandboxConfig privileged() {
    return TestPod.config(folder.resolve("logs")).toBuilder()
        .setLinux(
            LinuxPodSandboxConfig.newBuilder()
                .setSecurityContext(LinuxSandboxSecurityContext.newBuilder().setPrivileged(true)))
        .build();
  }

  private static void load(Daemon daemon, Path layout) {
    var _ =
        daemon
            .cri()
            .images()
            .pullImage(
                PullImageRequest.newBuilder()
                    .setImage(
                        ImageSpec.newBuilder()
                            .setImage(IMAGE)
                            .putAnnotations("dev.hull.oci-layout", layout.toString()))
                    .build());
  }

  private Path layout(Path lower, Path upper) throws IOException {
    Path layout = folder.resolve("layout");
    LayoutWriter writer =
        LayoutWriter.create(layout, LayoutWriter.architectureOf(System.getProperty("os.arch")));
    List<LayoutWriter.Layer> layers = new ArrayList<>();
    for (TarSource layer : debianLayers()) {
      layers.add(writer.layer(layer, Compression.NONE));
    }
    layers.add(writer.layer(TarSource.of(lower), Compression.GZIP));
    layers.add(writer.layer(TarSource.of(upper), Compression.ZSTD));
    var _ =
        writer.image(
            IMAGE,
            layers,
            new Image.Config(
                "",
                List.of(),
                List.of(),
                List.of(),
                "",
                Optional.empty(),
                List.of(),
                List.of(),
                Map.of()));
    writer.finish();
    return layout;
  }

  private static List<TarSource> debianLayers() throws IOException {
    Path samples = TestEnvironment.samples();
    for (JsonElement entry : json(samples.resolve("index.json")).getAsJsonArray("manifests")) {
      if (entry.toString().contains(TestPod.DEBIAN)) {
        return json(blob(samples, entry)).getAsJsonArray("layers").asList().stream()
            .map(layer -> tar(blob(samples, layer), layer.toString()))
            .toList();
      }
    }
    throw new IllegalStateException(
        "%s has no %s; run the tests by ./hull test".formatted(samples, TestPod.DEBIAN));
  }

  private static TarSource tar(Path blob, String descriptor) {
    return out -> {
      try (InputStream file = Files.newInputStream(blob);
          InputStream tar =
              descriptor.contains("+zstd")
                  ? new ZstdInputStream(file)
                  : new GZIPInputStream(file)) {
        tar.transferTo(out);
      }
    };
  }

  private static JsonObject json(Path file) throws IOException {
    return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
  }

  private static Path blob(Path layout, JsonElement descriptor) {
    String digest = descriptor.getAsJsonObject().get("digest").getAsString();
    return layout.resolve("blobs").resolve(digest.replace(':', '/'));
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(output).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
  }
}
