package dev.hull.cli.life;

import dev.hull.cli.life.PodStatus.OfContainer;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A pod as a line of {@code kubectl get pods}.
 *
 * @param lastRestart when a container ended that was started again; empty if none was
 */
public record Printed(
    int ready, int total, String status, int restarts, Optional<Instant> lastRestart) {

  static Printed of(PodStatus status) {
    Stream<OfContainer> counted =
        Stream.concat(
            status.init().stream().filter(OfContainer::sidecar), status.ordinary().stream());
    int total =
        status.ordinary().size()
            + (int) status.init().stream().filter(OfContainer::sidecar).count();
    int ready =
        (int) counted.filter(one -> one.ready() && one.state() instanceof State.Running).count();
    Optional<String> init = initializing(status);
    Stream<OfContainer> restarted =
        init.isPresent()
            ? status.init().stream()
            : Stream.concat(
                status.init().stream().filter(OfContainer::sidecar), status.ordinary().stream());
    var list = restarted.toList();
    return new Printed(
        ready,
        total,
        text(status, init),
        list.stream().mapToInt(OfContainer::restarts).sum(),
        list.stream()
            .flatMap(one -> one.last().stream())
            .map(State.Terminated::finishedAt)
            .max(Comparator.naturalOrder()));
  }

  private static String text(PodStatus status, Optional<String> init) {
    if (status.deleting()) {
      return "Terminating";
    }
    String reason = status.failure().isNone() ? status.phase().text() : status.failure().reason();
    if (init.isPresent()) {
      return init.get();
    }
    boolean running = false;
    for (OfContainer one : status.ordinary().reversed()) {
      switch (one.state()) {
        case State.Waiting waiting -> reason = waiting.reason();
        case State.Terminated ended -> reason = ended.reason();
        case State.Running _ -> running |= one.ready();
      }
    }
    if (reason.equals("Completed") && running) {
      reason =
          status.conditions().stream().anyMatch(c -> c.type().equals("Ready") && c.is())
              ? "Running"
              : "NotReady";
    }
    return !status.failure().isNone() ? status.failure().reason() : reason;
  }

  /** {@code Init:0/1} and the like, while init containers are not done. */
  private static Optional<String> initializing(PodStatus status) {
    int total = status.init().size();
    for (int i = 0; i < total; i++) {
      OfContainer one = status.init().get(i);
      boolean done =
          one.sidecar()
              ? one.started()
              : one.state() instanceof State.Terminated ended && ended.exitCode() == 0;
      if (done) {
        continue;
      }
      boolean begun = status.ordinary().stream().anyMatch(o -> !o.id().isEmpty());
      if (begun) {
        return Optional.empty();
      }
      return Optional.of(
          switch (one.state()) {
            case State.Terminated ended -> "Init:" + ended.reason();
            case State.Waiting waiting
                when !waiting.reason().isEmpty()
                    && !waiting.reason().equals("PodInitializing")
                    && !waiting.reason().equals("ContainerCreating") ->
                "Init:" + waiting.reason();
            case State.Waiting _, State.Running _ -> "Init:" + i + "/" + total;
          });
    }
    return Optional.empty();
  }
}
