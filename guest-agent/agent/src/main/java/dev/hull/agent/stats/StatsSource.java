package dev.hull.agent.stats;

import java.util.List;

/** Who knows what there is to count. */
public interface StatsSource {
  /** One container, or all for an empty id. NOT_FOUND for one that there is not. */
  List<Counted> counted(String containerId);
}
