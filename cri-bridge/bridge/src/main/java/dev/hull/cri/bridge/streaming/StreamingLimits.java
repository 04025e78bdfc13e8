package dev.hull.cri.bridge.streaming;

import java.time.Duration;

/**
 * What clients of the streaming server may take.
 *
 * @param connections at the same time
 * @param request from the connection to the end of the HTTP request
 * @param creation from the upgrade until all streams are there
 * @param idle without a byte in either direction
 */
public record StreamingLimits(int connections, Duration request, Duration creation, Duration idle) {
  /** The times are those of Kubernetes' own streaming server. */
  public static final StreamingLimits DEFAULT =
      new StreamingLimits(512, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofHours(4));
}
