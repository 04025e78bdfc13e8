package dev.hull.tests.bench;

import dev.hull.cri.host.Bench.Outcome;
import dev.hull.cri.host.HostException;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How fast a command answers that a person types, from the launcher's first line on, beside a JVM
 * that does nothing.
 */
final class CliBench {
  private static final int CALLS = 20;
  private static final int WARM_UP = 2;
  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(30);

  private CliBench() {}

  static Outcome measure(BenchRoom room, int runs) throws IOException, HostException {
    Samples samples = new Samples();
    List<String> nothing =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-version");
    room.makeTemplate();
    try (Daemon daemon = room.daemon("cli", BenchRoom.COPYING);
        TestPod pod = TestPod.run(daemon, room.logs())) {
      var _ = pod.shell("work", "exec sleep infinity");
      List<String> ps = List.of(launcher(), "ps", "--socket", daemon.socket().toString());
      for (int call = 0; call < WARM_UP; call++) {
        var _ = time(ps);
      }
      for (int run = 1; run <= runs; run++) {
        Samples ofRun = new Samples();
        for (int call = 0; call < CALLS; call++) {
          ofRun.time("ps", time(ps));
          ofRun.time("jvm", time(nothing));
        }
        samples.add("cli.ps.p50", "s", ofRun.percentile("ps", 50));
        samples.add("cli.ps.p90", "s", ofRun.percentile("ps", 90));
        samples.add("cli.jvm.p50", "s", ofRun.percentile("jvm", 50));
        room.say("%d times each, run %d of %d".formatted(CALLS, run, runs));
      }
    }
    samples.ratio("cli.ps.ratio_to_jvm", "cli.ps.p50", "cli.jvm.p50");
    return new Outcome(samples.figures(), List.of());
  }

  private static String launcher() throws HostException {
    return Optional.ofNullable(System.getenv("HULL_HOME"))
        .map(home -> Path.of(home, "hull").toString())
        .orElseThrow(() -> new HostException("where the launcher is, only the launcher tells"));
  }

  private static Duration time(List<String> command) throws IOException, HostException {
    Stopwatch watch = new Stopwatch();
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      boolean ended = process.waitFor(ANSWERS_WITHIN.toSeconds(), TimeUnit.SECONDS);
      Duration took = watch.elapsed();
      if (!ended || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new HostException(String.join(" ", command) + " did not answer, or failed");
      }
      return took;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostException("interrupted", e);
    }
  }
}
