package dev.hull.tests.bench;

import dev.hull.cri.host.Bench.Step;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A pod of one container that was started as a kubelet or {@code hull run} starts it, and what that
 * took, from the call of RunPodSandbox to the first byte in the container's log. Closing it stops
 * and removes the pod.
 *
 * @param sandbox the time of RunPodSandbox
 * @param container the time of CreateContainer and StartContainer
 * @param output when the first byte came
 * @param steps of all this, those of the sandbox named {@code sandbox.…}
 */
record PodStart(
    TestPod pod,
    String containerId,
    Duration sandbox,
    Duration container,
    Duration output,
    SandboxInfo info,
    List<Step> steps)
    implements AutoCloseable {
  private static final String SCRIPT = "echo ready; sleep 600";
  private static final Duration OUTPUT_WITHIN = Duration.ofSeconds(60);
  private static final String SANDBOX = "sandbox";

  PodStart {
    steps = List.copyOf(steps);
  }

  static PodStart run(Daemon daemon, Path logs) throws IOException {
    PodSandboxConfig config = TestPod.config(logs);
    Path folder = Files.createDirectories(Path.of(config.getLogDirectory()));
    Stopwatch watch = new Stopwatch();
    try (LogWatch first = LogWatch.of(folder.resolve("work.log"), LogWatch.Content.ANY, watch)) {
      TestPod pod = TestPod.run(daemon, config);
      try {
        Duration sandboxed = watch.elapsed();
        String id = pod.create("work", TestPod.DEBIAN, SCRIPT, spec -> spec);
        Duration created = watch.elapsed();
        pod.start(id);
        Duration started = watch.elapsed();
        Duration output = first.await(OUTPUT_WITHIN);
        SandboxInfo info = SandboxInfo.of(pod);
        List<Step> steps = new ArrayList<>();
        steps.add(new Step(SANDBOX, Duration.ZERO, sandboxed));
        for (Step step : info.steps()) {
          steps.add(new Step(SANDBOX + "." + step.name(), step.began(), step.took()));
        }
        steps.add(new Step("create", sandboxed, created.minus(sandboxed)));
        steps.add(new Step("start", created, started.minus(created)));
        // It may come before the call has returned.
        if (output.compareTo(started) > 0) {
          steps.add(new Step("output", started, output.minus(started)));
        }
        return new PodStart(pod, id, sandboxed, started.minus(sandboxed), output, info, steps);
      } catch (IOException | RuntimeException e) {
        pod.close();
        throw e;
      }
    }
  }

  @Override
  public void close() {
    pod.close();
  }
}
