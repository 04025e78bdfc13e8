package dev.hull.agent.io;

import dev.hull.agent.linux.Transfers;
import dev.hull.guest.channel.OutputFrame;
import java.util.ArrayDeque;

/** The rings that processes have, and some that they have had. Not thread-safe. */
final class OutputRings {
  /** More are left to the collector: each has up to a MiB that was touched. */
  private static final int MOST_KEPT = 2;

  private final Transfers transfers;
  private final ArrayDeque<OutputRing> free = new ArrayDeque<>();

  OutputRings(Transfers transfers) {
    this.transfers = transfers;
  }

  /** An empty one. */
  OutputRing take() {
    OutputRing known = free.poll();
    return known == null
        ? new OutputRing(transfers, transfers.map(OutputFrame.WINDOW_BYTES))
        : known;
  }

  /** Takes an empty one back. */
  void give(OutputRing ring) {
    if (free.size() < MOST_KEPT) {
      free.push(ring);
    }
  }
}
