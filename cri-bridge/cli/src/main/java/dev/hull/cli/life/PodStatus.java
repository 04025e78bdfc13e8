package dev.hull.cli.life;

import dev.hull.cli.life.ContainerLife.Role;
import dev.hull.cli.pod.Pod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What can be said of a pod at one moment, in Kubernetes' words. */
public record PodStatus(
    Pod pod,
    String uid,
    Instant createdAt,
    Phase phase,
    Failure failure,
    boolean deleting,
    Optional<String> sandboxId,
    List<String> podIps,
    List<String> hostIps,
    List<Condition> conditions,
    List<OfContainer> init,
    List<OfContainer> ordinary,
    List<OfContainer> ephemeral,
    List<PodEvents.Event> events) {

  /** Why the pod as a whole has failed; all of it empty if it has not. */
  public record Failure(String reason, String message) {
    public static final Failure NONE = new Failure("", "");

    boolean isNone() {
      return reason.isEmpty();
    }
  }

  /** Something that is so or is not. */
  public record Condition(String type, boolean is, String reason, String message) {}

  /** One container. */
  public record OfContainer(
      String name,
      boolean sidecar,
      String image,
      String imageRef,
      String id,
      State state,
      Optional<State.Terminated> last,
      boolean started,
      boolean ready,
      int restarts) {}

  static PodStatus of(
      Pod pod,
      String uid,
      Instant createdAt,
      Optional<String> sandboxId,
      List<String> podIps,
      List<String> hostIps,
      PodContainers containers,
      Failure failure,
      boolean deleting,
      List<PodEvents.Event> events) {
    Phase phase = failure.isNone() ? Phase.of(pod, containers) : Phase.FAILED;
    return new PodStatus(
        pod,
        uid,
        createdAt,
        phase,
        failure,
        deleting,
        sandboxId,
        podIps,
        hostIps,
        conditions(phase, sandboxId.isPresent(), containers),
        containers.init().stream().map(PodStatus::container).toList(),
        containers.ordinary().stream().map(PodStatus::container).toList(),
        containers.ephemeral().stream().map(PodStatus::container).toList(),
        events);
  }

  private static OfContainer container(ContainerLife life) {
    boolean ready = life.role() == Role.INIT ? life.isInitDone() : life.isReady();
    return new OfContainer(
        life.name(),
        life.role() == Role.SIDECAR,
        life.container().image(),
        life.imageRef(),
        life.id().orElse(""),
        life.state(),
        life.last(),
        life.isStarted(),
        ready,
        life.restarts());
  }

  private static List<Condition> conditions(
      Phase phase, boolean sandbox, PodContainers containers) {
    List<String> unfinished =
        containers.init().stream()
            .filter(life -> life.role() == Role.INIT ? !life.isInitDone() : !life.hasStarted())
            .map(ContainerLife::name)
            .toList();
    List<String> unready =
        Stream.concat(containers.sidecars().stream(), containers.ordinary().stream())
            .filter(life -> !life.isReady())
            .map(ContainerLife::name)
            .toList();
    boolean completed = phase == Phase.SUCCEEDED;
    Condition ready =
        new Condition(
            "ContainersReady",
            unready.isEmpty(),
            completed ? "PodCompleted" : unready.isEmpty() ? "" : "ContainersNotReady",
            completed || unready.isEmpty()
                ? ""
                : "containers with unready status: " + unready(unready));
    List<Condition> conditions = new ArrayList<>();
    conditions.add(new Condition("PodReadyToStartContainers", sandbox && !phase.isOver(), "", ""));
    conditions.add(
        new Condition(
            "Initialized",
            completed || unfinished.isEmpty(),
            completed ? "PodCompleted" : unfinished.isEmpty() ? "" : "ContainersNotInitialized",
            completed || unfinished.isEmpty()
                ? ""
                : "containers with incomplete status: " + unready(unfinished)));
    conditions.add(new Condition("Ready", ready.is(), ready.reason(), ready.message()));
    conditions.add(ready);
    conditions.add(new Condition("PodScheduled", true, "", ""));
    return conditions;
  }

  private static String unready(List<String> names) {
    return names.stream().collect(Collectors.joining(" ", "[", "]"));
  }

  /** The columns READY, STATUS and RESTARTS, as kubectl prints them. */
  public Printed printed() {
    return Printed.of(this);
  }
}
