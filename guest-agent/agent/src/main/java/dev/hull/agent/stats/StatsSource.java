package dev.hull.agent.stats;

import dev.hull.guest.v1.ContainerStats;
import java.util.List;

/** Who counts. */
@FunctionalInterface
public interface StatsSource {
  /** The counters of one container, or of all for an empty id. NOT_FOUND for a strange one. */
  List<ContainerStats> count(String containerId);
}
