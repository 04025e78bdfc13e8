package dev.hull.cri.bridge.store;

import dev.hull.cri.bridge.log.LogPath;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.images.Digest;
import java.util.Optional;

/**
 * What was settled about a container when it was created.
 *
 * @param imageRef the image's name with its digest; its id if it has no name
 * @param log empty if its output is not kept
 * @param stopSignal a Linux signal number
 */
public record ContainerFacts(
    ContainerConfig config,
    Digest imageId,
    String imageRef,
    Optional<LogPath> log,
    int stopSignal,
    long createdAtNanos) {
  /** The same with another configuration. */
  public ContainerFacts with(ContainerConfig other) {
    return new ContainerFacts(other, imageId, imageRef, log, stopSignal, createdAtNanos);
  }
}
