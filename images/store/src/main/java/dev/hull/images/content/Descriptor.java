package dev.hull.images.content;

import dev.hull.images.Digest;
import java.util.Map;
import java.util.Optional;

/** Names content by digest and size, as in the OCI image specification. */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    Optional<Platform> platform,
    Map<String, String> annotations) {
  public Descriptor {
    annotations = Map.copyOf(annotations);
  }
}
