package dev.hull.tests.bench;

import dev.hull.cri.host.HostException;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Starts of pods for which a machine stands by: each waits until one does, as pods do that come now
 * and then.
 */
final class SpareStarts {
  private static final Duration READY_WITHIN = Duration.ofMinutes(2);

  private final Daemon daemon;
  private final Path logs;
  private final PodStarts starts;
  private final Samples samples;
  private int ready;

  /**
   * @param daemon keeps one machine standing by
   */
  SpareStarts(Daemon daemon, Path logs, PodStarts starts, Samples samples) {
    this.daemon = daemon;
    this.logs = logs;
    this.starts = starts;
    this.samples = samples;
  }

  /** The first start of a daemon asks QEMU what it can do: this one is not counted. */
  void prime() throws IOException {
    awaitReady(1);
    TestPod.run(daemon, logs).close();
    awaitReady(2);
  }

  /** So many since the daemon began. */
  private void awaitReady(int machines) throws IOException {
    try (LogWatch watch = watch(machines, new Stopwatch())) {
      var _ = watch.await(READY_WITHIN);
    }
    ready = machines;
  }

  private LogWatch watch(int machines, Stopwatch watch) throws IOException {
    return LogWatch.of(daemon.log(), LogWatch.Content.lines(Daemon.SPARE_READY, machines), watch);
  }

  /** Starts one, and waits until another machine stands by; the pod's container works meanwhile. */
  void run() throws IOException, HostException {
    Stopwatch watch = new Stopwatch();
    try (LogWatch next = watch(ready + 1, watch);
        PodStart start = PodStart.run(daemon, logs)) {
      start.info().requireSpare();
      starts.add(start, samples);
      Duration replaced = next.await(READY_WITHIN);
      ready++;
      samples.time("start.spare.replacement", replaced.minus(start.sandbox()));
    }
  }
}
