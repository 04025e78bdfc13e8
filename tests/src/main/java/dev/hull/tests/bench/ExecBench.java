package dev.hull.tests.bench;

import dev.hull.cri.host.Bench.Outcome;
import dev.hull.cri.host.HostException;
import dev.hull.cri.v1.ExecSyncResponse;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * ExecSync of {@code true}, beside the same program that {@code nsenter} starts in the same
 * namespaces inside the guest: what lies between is the way from the caller to the agent and back.
 */
final class ExecBench {
  private static final int CALLS = 100;
  private static final int WARM_UP = 10;
  private static final String COMMAND = "true";
  private static final double MICROS_PER_SECOND = 1e6;

  /** In a container that sees the other's process; times are microseconds of the guest's clock. */
  private static final String NSENTER =
      """
      for exe in /proc/[0-9]*/cmdline; do
        if [ "$(tr '\\0' ' ' < "$exe" 2>/dev/null)" = 'sleep 86399 ' ]; then
          pid=${exe#/proc/}; pid=${pid%%/*}
        fi
      done
      [ -n "$pid" ] || { echo 'the other container is not seen' >&2; exit 1; }
      for _ in $(seq CALLS); do
        began=${EPOCHREALTIME/./}
        nsenter -t "$pid" -m -u -i -n -p COMMAND || exit 1
        echo $(( ${EPOCHREALTIME/./} - began ))
      done
      """;

  private ExecBench() {}

  static Outcome measure(BenchRoom room, int runs) throws IOException, HostException {
    Samples samples = new Samples();
    room.makeTemplate();
    try (Daemon daemon = room.daemon("exec", BenchRoom.COPYING);
        TestPod pod = TestPod.run(daemon, GuestProbe.sandbox(room.logs()))) {
      String container = GuestProbe.visible(pod, "target", "exec sleep 86399");
      String probe = GuestProbe.start(pod);
      for (int call = 0; call < WARM_UP; call++) {
        var _ = execSync(pod, container);
      }
      for (int run = 1; run <= runs; run++) {
        Samples ofRun = new Samples();
        for (int call = 0; call < CALLS; call++) {
          ofRun.time("exec", execSync(pod, container));
        }
        for (double seconds : nsenter(pod, probe)) {
          ofRun.add("nsenter", "s", seconds);
        }
        samples.add("exec.sync.p50", "s", ofRun.percentile("exec", 50));
        samples.add("exec.sync.p99", "s", ofRun.percentile("exec", 99));
        samples.add("exec.nsenter.p50", "s", ofRun.percentile("nsenter", 50));
        samples.add("exec.nsenter.p99", "s", ofRun.percentile("nsenter", 99));
        room.say("%d times each, run %d of %d".formatted(CALLS, run, runs));
      }
    }
    samples.ratio("exec.sync.ratio_to_nsenter", "exec.sync.p50", "exec.nsenter.p50");
    return new Outcome(samples.figures(), List.of());
  }

  private static Duration execSync(TestPod pod, String container) throws HostException {
    Stopwatch watch = new Stopwatch();
    requireSuccess(pod.exec(container, COMMAND));
    return watch.elapsed();
  }

  private static List<Double> nsenter(TestPod pod, String probe) throws HostException {
    String script = NSENTER.replace("CALLS", Integer.toString(CALLS)).replace("COMMAND", COMMAND);
    ExecSyncResponse answer = pod.exec(probe, "bash", "-c", script);
    requireSuccess(answer);
    return answer
        .getStdout()
        .toStringUtf8()
        .lines()
        .map(micros -> Long.parseLong(micros) / MICROS_PER_SECOND)
        .toList();
  }

  private static void requireSuccess(ExecSyncResponse answer) throws HostException {
    if (answer.getExitCode() != 0) {
      throw new HostException(
          "a command in a container failed with exit code %d: %s"
              .formatted(answer.getExitCode(), answer.getStderr().toStringUtf8().strip()));
    }
  }
}
