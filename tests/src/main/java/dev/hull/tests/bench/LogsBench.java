package dev.hull.tests.bench;

import dev.hull.cri.host.Bench.Outcome;
import dev.hull.cri.host.HostException;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.MachineProcesses;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How fast a container's standard output becomes its log, beside the same bytes through the same
 * kind of channel by QEMU alone.
 */
final class LogsBench {
  private static final int MIB = 32;
  private static final String MIB_PER_SECOND = "MiB/s";
  private static final int LINE_BYTES = 128;
  private static final String END = "that is all";
  private static final Duration WRITTEN_WITHIN = Duration.ofMinutes(5);

  /** Makes the content first, so that making it is not measured. */
  private static final String SCRIPT =
      """
      line=$(printf '%%%ds' | tr ' ' x)
      yes "$line" | head -c %d > /dev/shm/content
      echo begins
      cat /dev/shm/content
      echo '%s'
      exec sleep infinity
      """
          .formatted(LINE_BYTES - 1, MIB << 20, END);

  private LogsBench() {}

  static Outcome measure(BenchRoom room, int runs) throws IOException, HostException {
    Samples samples = new Samples();
    // What booted can be booted again by QEMU alone.
    try (Daemon daemon = room.daemon("logs", BenchRoom.BOOTING)) {
      for (int run = 1; run <= runs; run++) {
        RawChannel raw;
        try (TestPod pod = TestPod.run(daemon, room.logs())) {
          raw =
              RawChannel.like(
                  QemuCommand.of(MachineProcesses.of(pod.id()).qemu()),
                  room.guestImage().resolve("initramfs"),
                  room.folder());
          samples.add("logs.container", MIB_PER_SECOND, MIB / toLog(pod));
        }
        samples.add("logs.raw_channel", MIB_PER_SECOND, MIB / raw.seconds(MIB));
        room.say("%d MiB each, run %d of %d".formatted(MIB, run, runs));
      }
    }
    samples.ratio("logs.ratio_to_raw_channel", "logs.container", "logs.raw_channel");
    return new Outcome(samples.figures(), List.of());
  }

  /** Seconds from the line before the content to the one after it, both in the log. */
  private static double toLog(TestPod pod) throws IOException {
    Path folder = Files.createDirectories(Path.of(pod.config().getLogDirectory()));
    Path log = folder.resolve("work.log");
    Stopwatch watch = new Stopwatch();
    try (LogWatch begin = LogWatch.of(log, LogWatch.Content.ANY, watch);
        LogWatch end = LogWatch.of(log, LogWatch.Content.lastLine(END), watch)) {
      var _ = pod.shell("work", SCRIPT);
      Duration began = begin.await(WRITTEN_WITHIN);
      return Stopwatch.seconds(end.await(WRITTEN_WITHIN).minus(began));
    }
  }
}
