package dev.hull.cli.life;

import dev.hull.cli.action.Actions.Outcome;
import dev.hull.cli.life.ProbeWorker.Verdict;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.Probe;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;

/** What the hook and the probes of running containers say, and what follows from it. */
final class Vitals {
  /** Of a container that was killed. */
  private static final int KILLED = 137;

  private final Pod pod;
  private final PodEvents events;
  private final BiConsumer<ContainerLife, Duration> end;

  /**
   * Looks at nothing yet.
   *
   * @param end begins to end a container, within a time of grace
   */
  Vitals(Pod pod, PodEvents events, BiConsumer<ContainerLife, Duration> end) {
    this.pod = pod;
    this.events = events;
    this.end = end;
  }

  /** Looks once, at one that may have ended, or be about to. Never blocks. */
  void look(ContainerLife life, long now) throws InterruptedException {
    if (!life.isRunning() || life.isEnding()) {
      return;
    }
    if (life.hook().isPresent() && !hookIsDone(life, life.hook().get())) {
      return;
    }
    if (!life.isStarted()) {
      Optional<Verdict> verdict = life.startup().flatMap(worker -> worker.look(now));
      if (life.startup().isEmpty() || verdict.filter(Verdict::good).isPresent()) {
        life.markStarted();
      } else if (verdict.isPresent()) {
        kill(life, "startup", life.startup().get().probe(), verdict.get());
      }
    }
    if (life.isStarted()) {
      Optional<Verdict> readiness = life.readiness().flatMap(worker -> worker.look(now));
      readiness.ifPresent(
          verdict -> {
            if (!verdict.good()) {
              events.warning("Unhealthy", "Readiness probe failed: " + verdict.message());
            }
            life.setReady(verdict.good());
          });
      Optional<Verdict> liveness = life.liveness().flatMap(worker -> worker.look(now));
      if (liveness.filter(verdict -> !verdict.good()).isPresent()) {
        kill(life, "liveness", life.liveness().orElseThrow().probe(), liveness.get());
      }
    }
  }

  private boolean hookIsDone(ContainerLife life, Future<Outcome> hook) throws InterruptedException {
    if (!hook.isDone()) {
      return false;
    }
    life.hookDone();
    try {
      Outcome outcome = hook.get();
      if (outcome.good()) {
        return true;
      }
      events.warning(
          "FailedPostStartHook",
          "PostStartHook of container " + life.name() + " failed: " + outcome.message());
    } catch (ExecutionException e) {
      events.warning("FailedPostStartHook", String.valueOf(e.getCause()));
    }
    end.accept(life, pod.gracePeriod());
    return false;
  }

  private void kill(ContainerLife life, String kind, Probe probe, Verdict verdict) {
    String name = Character.toUpperCase(kind.charAt(0)) + kind.substring(1);
    events.warning("Unhealthy", name + " probe failed: " + verdict.message());
    boolean again = Phase.restarts(pod, life, KILLED);
    events.normal(
        "Killing",
        "Container %s failed %s probe, will %sbe restarted"
            .formatted(life.name(), kind, again ? "" : "not "));
    end.accept(life, probe.gracePeriod().orElse(pod.gracePeriod()));
  }
}
