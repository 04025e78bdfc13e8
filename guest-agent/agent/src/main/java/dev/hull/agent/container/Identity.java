package dev.hull.agent.container;

import java.util.List;

/** Who a process is; {@code gid} is among {@code groups}. */
record Identity(int uid, int gid, List<Integer> groups, String home) {
  Identity {
    groups = List.copyOf(groups);
  }
}
