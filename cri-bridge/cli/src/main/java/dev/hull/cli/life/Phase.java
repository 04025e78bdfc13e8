package dev.hull.cli.life;

import dev.hull.cli.pod.Pod;
import java.util.List;

/** Where a pod is, computed as the kubelet does. */
public enum Phase {
  PENDING("Pending"),
  RUNNING("Running"),
  SUCCEEDED("Succeeded"),
  FAILED("Failed");

  private final String text;

  Phase(String text) {
    this.text = text;
  }

  /** As the API writes it. */
  public String text() {
    return text;
  }

  /** Whether nothing will happen any more. */
  public boolean isOver() {
    return this == SUCCEEDED || this == FAILED;
  }

  static Phase of(Pod pod, PodContainers containers) {
    List<ContainerLife> ordinary = containers.ordinary();
    if (!containers.ordinaryHaveBegun()) {
      for (ContainerLife life : containers.init()) {
        boolean failed =
            life.ended()
                .filter(end -> end.exitCode() != 0)
                .filter(end -> !restarts(pod, life, end.exitCode()))
                .isPresent();
        if (life.role() == ContainerLife.Role.INIT && failed) {
          return FAILED;
        }
        boolean done =
            life.role() == ContainerLife.Role.INIT ? life.isInitDone() : life.hasStarted();
        if (!done) {
          return PENDING;
        }
      }
    }
    if (ordinary.stream().anyMatch(life -> life.attempt() < 0)) {
      return PENDING;
    }
    if (ordinary.stream().anyMatch(life -> life.ended().isEmpty())) {
      return RUNNING;
    }
    boolean again =
        ordinary.stream()
            .anyMatch(
                life ->
                    life.container()
                        .restartsAfter(life.ended().orElseThrow().exitCode(), pod.restartPolicy()));
    if (again) {
      return RUNNING;
    }
    return ordinary.stream().allMatch(life -> life.ended().orElseThrow().exitCode() == 0)
        ? SUCCEEDED
        : FAILED;
  }

  /** An init container that has succeeded is never started again, one that has failed by policy. */
  static boolean restarts(Pod pod, ContainerLife life, int exitCode) {
    return switch (life.role()) {
      case SIDECAR -> true;
      case INIT -> exitCode != 0 && life.container().restartsAfter(exitCode, pod.restartPolicy());
      case ORDINARY -> life.container().restartsAfter(exitCode, pod.restartPolicy());
      case EPHEMERAL -> false;
    };
  }
}
