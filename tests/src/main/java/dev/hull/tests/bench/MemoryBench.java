package dev.hull.tests.bench;

import dev.hull.cri.host.Bench.Outcome;
import dev.hull.cri.host.HostException;
import dev.hull.tests.harness.Daemon;
import java.io.IOException;
import java.util.List;

/** What idle pods take of the host's memory, and what the daemon takes to look after them. */
final class MemoryBench {
  private static final int FEW = 5;
  private static final int TENTH = 10;
  private static final int MANY = 20;
  private static final String MIB = "MiB";

  private MemoryBench() {}

  static Outcome measure(BenchRoom room, int runs) throws IOException, HostException {
    Samples samples = new Samples();
    room.makeTemplate();
    try (Daemon daemon = room.daemon("memory", BenchRoom.COPYING)) {
      double none = HostMemory.rssMib(daemon.pid());
      for (int run = 1; run <= runs; run++) {
        try (Crowd one = new Crowd(daemon, room.logs())) {
          var _ = one.add();
          samples.add("memory.idle_pod", MIB, one.memoryMib());
        }
      }
      try (Crowd crowd = new Crowd(daemon, room.logs())) {
        grow(crowd, FEW);
        double few = HostMemory.rssMib(daemon.pid());
        grow(crowd, TENTH - 1 - FEW);
        double before = crowd.memoryMib();
        double availableBefore = HostMemory.availableMib();
        grow(crowd, 1);
        samples.add("memory.tenth_pod.available", MIB, availableBefore - HostMemory.availableMib());
        samples.add("memory.tenth_pod", MIB, crowd.memoryMib() - before);
        grow(crowd, MANY - TENTH);
        double many = HostMemory.rssMib(daemon.pid());
        samples.add("daemon.rss.0_pods", MIB, none);
        samples.add("daemon.rss.5_pods", MIB, few);
        samples.add("daemon.rss.20_pods", MIB, many);
        samples.add("daemon.rss.per_pod", MIB, (many - few) / (MANY - FEW));
        room.say("%d pods stand idle".formatted(MANY));
      }
    }
    return new Outcome(samples.figures(), List.of());
  }

  private static void grow(Crowd crowd, int pods) throws HostException {
    for (int pod = 0; pod < pods; pod++) {
      var _ = crowd.add();
    }
  }
}
