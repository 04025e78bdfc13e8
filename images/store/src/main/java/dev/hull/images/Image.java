package dev.hull.images;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An image in the store.
 *
 * @param id the digest of its config, which names the image whatever it was pulled as
 * @param repoTags names with a tag, normalised: {@code docker.io/library/nginx:1.25}
 * @param repoDigests names with the manifest's digest: {@code docker.io/library/nginx@sha256:…}
 * @param sizeBytes what it takes on disk: its EROFS layers and its metadata
 * @param layers lowest first
 */
public record Image(
    Digest id,
    List<String> repoTags,
    List<String> repoDigests,
    long sizeBytes,
    Config config,
    List<Layer> layers) {

  public Image {
    repoTags = List.copyOf(repoTags);
    repoDigests = List.copyOf(repoDigests);
    layers = List.copyOf(layers);
  }

  /**
   * A layer: the digest of its uncompressed tar, and the file that a machine mounts (EROFS,
   * read-only).
   */
  public record Layer(Digest diffId, Path erofs, long sizeBytes) {}

  /** The parts of the OCI image config that say how to run it. */
  public record Config(
      String user,
      List<String> env,
      List<String> entrypoint,
      List<String> cmd,
      String workingDir,
      Optional<String> stopSignal,
      List<String> volumes,
      List<String> exposedPorts,
      Map<String, String> labels) {
    public Config {
      env = List.copyOf(env);
      entrypoint = List.copyOf(entrypoint);
      cmd = List.copyOf(cmd);
      volumes = List.copyOf(volumes);
      exposedPorts = List.copyOf(exposedPorts);
      labels = Map.copyOf(labels);
    }
  }
}
