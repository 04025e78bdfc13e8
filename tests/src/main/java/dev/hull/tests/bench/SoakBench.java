package dev.hull.tests.bench;

import dev.hull.cri.host.Bench.Outcome;
import dev.hull.cri.host.HostException;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.HostState;
import dev.hull.tests.harness.TestPod;
import dev.hull.tests.soak.Kill;
import dev.hull.tests.soak.SoakCycle;
import dev.hull.tests.soak.UntrueException;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Pods that come and go under a daemon that is to last, while daemon, QEMU and virtiofsd are killed
 * at any moment. Fails at the first thing that is stuck or said untruly, and if anything is left
 * behind in the end.
 */
final class SoakBench {
  private static final int CYCLES_A_RUN = 40;
  private static final int TELL_EVERY = 10;

  private SoakBench() {}

  static Outcome measure(BenchRoom room, int runs) throws IOException, HostException {
    Samples samples = new Samples();
    room.makeTemplate();
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int cycles = CYCLES_A_RUN * runs;
    room.say("%d pods, seed %d".formatted(cycles, seed));
    try (Daemon daemon = room.daemon("soak", BenchRoom.COPYING)) {
      // What the first pod makes and later ones share (the bridge, the chains of the filter) stays.
      try (TestPod first = TestPod.run(daemon, room.logs())) {
        var _ = first.shell("work", "exec sleep infinity");
      }
      List<Path> folders = List.of(daemon.root());
      HostState before = HostState.now(folders);
      daemon.stop();
      var _ = daemon.settings(BenchRoom.lines(BenchRoom.KEEPING_ONE)).startStanding();
      for (int cycle = 1; cycle <= cycles; cycle++) {
        Kill kill = Kill.any(random);
        Stopwatch watch = new Stopwatch();
        try {
          new SoakCycle(daemon, room.logs(), kill, random).run();
        } catch (UntrueException | ConditionTimeoutException | StatusRuntimeException e) {
          throw new HostException(
              "pod %d of %d (%s; seed %d): %s".formatted(cycle, cycles, kill, seed, e), e);
        }
        samples.time("soak.pod", watch.elapsed());
        if (cycle % TELL_EVERY == 0) {
          room.say("%d of %d pods came and went".formatted(cycle, cycles));
        }
      }
      // Without spares: the one that stands by is no leak.
      daemon.stop();
      var _ = daemon.settings(BenchRoom.lines(BenchRoom.COPYING)).start();
      LeftBehind.requireNothing(before, folders);
    }
    return new Outcome(samples.figures(), List.of());
  }
}
