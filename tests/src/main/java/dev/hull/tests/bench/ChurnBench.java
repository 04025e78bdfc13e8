package dev.hull.tests.bench;

import dev.hull.cri.host.Bench.Outcome;
import dev.hull.cri.host.HostException;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.HostState;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** How many pods come and go in a minute, one at a time, and that nothing stays of them. */
final class ChurnBench {
  private static final Duration LENGTH = Duration.ofMinutes(2);
  private static final double SECONDS_PER_MINUTE = 60;

  private ChurnBench() {}

  static Outcome measure(BenchRoom room, int runs) throws IOException, HostException {
    Samples samples = new Samples();
    room.makeTemplate();
    try (Daemon daemon = room.daemon("churn", BenchRoom.COPYING)) {
      // What the first pod makes and later ones share (the bridge, the chains of the filter) stays.
      TestPod.run(daemon, room.logs()).close();
      List<Path> folders = List.of(daemon.root());
      HostState before = HostState.now(folders);
      Stopwatch whole = new Stopwatch();
      int pods = 0;
      while (whole.elapsed().compareTo(LENGTH) < 0) {
        comeAndGo(daemon, room.logs(), samples);
        pods++;
      }
      samples.add("churn.pods_per_minute", "1/min", pods * SECONDS_PER_MINUTE / whole.seconds());
      LeftBehind.requireNothing(before, folders);
      room.say("%d pods came and went, and left nothing behind".formatted(pods));
    }
    return new Outcome(samples.figures(), List.of());
  }

  private static void comeAndGo(Daemon daemon, Path logs, Samples samples) throws HostException {
    Stopwatch coming = new Stopwatch();
    try (TestPod pod = TestPod.run(daemon, logs)) {
      samples.time("churn.start", coming.elapsed());
      SandboxInfo.of(pod).requireCopy();
      Stopwatch going = new Stopwatch();
      pod.stop();
      pod.remove();
      samples.time("churn.remove", going.elapsed());
    }
  }
}
