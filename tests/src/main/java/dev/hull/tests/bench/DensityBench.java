package dev.hull.tests.bench;

import dev.hull.cri.host.Bench.Outcome;
import dev.hull.cri.host.HostException;
import dev.hull.tests.harness.Daemon;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Whether the twentieth pod starts as the first one did. One pod that does not start, and there are
 * no figures.
 */
final class DensityBench {
  private static final int PODS = 20;
  private static final int AT_A_TIME = 4;

  /** Single starts differ by a tenth and more: the first and the last are these many. */
  private static final int ENDS = 3;

  private DensityBench() {}

  static Outcome measure(BenchRoom room, int runs) throws IOException, HostException {
    Samples samples = new Samples();
    room.makeTemplate();
    try (Daemon daemon = room.daemon("density", BenchRoom.COPYING)) {
      try (Crowd first = new Crowd(daemon, room.logs())) {
        // The first start of a daemon asks QEMU what it can do.
        var _ = first.add();
      }
      try (Crowd serial = new Crowd(daemon, room.logs())) {
        double available = HostMemory.availableMib();
        add(samples, "density", serial.add(PODS, 1));
        samples.add("density.memory", "MiB", serial.memoryMib());
        samples.add("density.memory.available", "MiB", available - HostMemory.availableMib());
        tell(room, samples, "density", "one after another");
      }
      try (Crowd parallel = new Crowd(daemon, room.logs())) {
        Stopwatch watch = new Stopwatch();
        List<Duration> times = parallel.add(PODS, AT_A_TIME);
        Duration all = watch.elapsed();
        add(samples, "density.parallel", times);
        samples.time("density.parallel.all", all);
        tell(room, samples, "density.parallel", AT_A_TIME + " at a time");
      }
    }
    samples.ratio("density.last_ratio_to_first", "density.last", "density.first");
    return new Outcome(samples.figures(), List.of());
  }

  /** In the order in which they were asked for. */
  private static void add(Samples samples, String name, List<Duration> times) {
    times.subList(0, ENDS).forEach(time -> samples.time(name + ".first", time));
    times
        .subList(times.size() - ENDS, times.size())
        .forEach(time -> samples.time(name + ".last", time));
    times.forEach(time -> samples.time(name + ".median", time));
  }

  private static void tell(BenchRoom room, Samples samples, String name, String how) {
    room.say(
        String.format(
            Locale.ROOT,
            "%d pods %s: first %.2f s, last %.2f s",
            PODS,
            how,
            samples.median(name + ".first"),
            samples.median(name + ".last")));
  }
}
