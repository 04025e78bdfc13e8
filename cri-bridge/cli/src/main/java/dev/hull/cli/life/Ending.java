package dev.hull.cli.life;

import dev.hull.cli.action.Actions;
import dev.hull.cli.action.Actions.Outcome;
import dev.hull.cli.action.Actions.Target;
import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.kubelet.Time;
import dev.hull.cli.pod.Action;
import dev.hull.cri.v1.StopContainerRequest;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.BiConsumer;

/**
 * Ends containers as the kubelet does: first the hook, within the grace period, then the stop
 * signal, and after the rest of the grace period SIGKILL. Sidecars last, in the reverse of the
 * order in which they were started, within what the others have left of the grace period.
 */
final class Ending {
  /** So much time every container has between signal and SIGKILL, whatever its hook took. */
  static final Duration LEAST_GRACE = Duration.ofSeconds(2);

  /** What a container's end takes after its last second of grace. */
  private static final Duration REAPING = Duration.ofSeconds(60);

  private final Cri cri;
  private final Time time;
  private final Actions actions;
  private final BiConsumer<String, String> warnings;

  /**
   * Ends nothing yet.
   *
   * @param warnings hears reason and sentence of a hook that failed
   */
  Ending(Cri cri, Time time, Actions actions, BiConsumer<String, String> warnings) {
    this.cri = cri;
    this.time = time;
    this.actions = actions;
    this.warnings = warnings;
  }

  /** Ends them all; those that do not run are left out. Blocks for the grace period and a bit. */
  void all(List<ContainerLife> ordinary, List<ContainerLife> sidecars, Duration grace, String ip) {
    long end = time.millis() + grace.toMillis();
    together(ordinary, grace, ip);
    for (ContainerLife sidecar : sidecars.reversed()) {
      long left = Math.max(LEAST_GRACE.toMillis(), end - time.millis());
      together(List.of(sidecar), grace.isZero() ? grace : Duration.ofMillis(left), ip);
    }
  }

  private void together(List<ContainerLife> containers, Duration grace, String ip) {
    List<FutureTask<?>> stops = new ArrayList<>();
    for (ContainerLife life : containers) {
      if (life.isRunning()) {
        Target target = new Target(life.container(), life.id().orElseThrow(), ip);
        FutureTask<?> stop = new FutureTask<>(() -> one(target, grace), null);
        Thread.ofVirtual().name("stop " + life.name()).start(stop);
        stops.add(stop);
      }
    }
    for (FutureTask<?> stop : stops) {
      try {
        stop.get();
      } catch (ExecutionException e) {
        // The sandbox's stop ends every container by force, and reports what hinders it.
        warnings.accept("FailedKillPod", String.valueOf(e.getMessage()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Ends one that runs. Without grace there is no hook and no signal but SIGKILL. */
  void one(Target target, Duration grace) {
    Duration left = grace;
    if (!grace.isZero()) {
      left = grace.minus(hook(target, grace));
      left = left.compareTo(LEAST_GRACE) < 0 ? LEAST_GRACE : left;
    }
    Duration wait = left;
    StopContainerRequest request =
        StopContainerRequest.newBuilder()
            .setContainerId(target.id())
            .setTimeout(wait.toSeconds())
            .build();
    try {
      var _ = cri.runtime(wait.plus(REAPING), stub -> stub.stopContainer(request));
    } catch (CriException e) {
      if (e.code() != Status.Code.NOT_FOUND) {
        throw e;
      }
    }
  }

  /** How long it took. */
  private Duration hook(Target target, Duration grace) {
    if (target.container().lifecycle().preStop().isEmpty()) {
      return Duration.ZERO;
    }
    Action hook = target.container().lifecycle().preStop().get();
    long began = time.millis();
    try {
      Outcome outcome = actions.run(hook, target, grace);
      if (!outcome.good()) {
        warnings.accept(
            "FailedPreStopHook",
            "PreStopHook of container "
                + target.container().name()
                + " failed: "
                + outcome.message());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Duration.ofMillis(time.millis() - began);
  }
}
