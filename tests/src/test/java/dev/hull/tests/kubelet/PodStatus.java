package dev.hull.tests.kubelet;

import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.PodSandboxStatus;
import java.util.Comparator;
import java.util.List;

/** What a relist found of one pod. */
record PodStatus(List<PodSandboxStatus> sandboxes, List<ContainerStatus> containers) {
  /** The last attempt at a container. */
  ContainerStatus container(String name) {
    return containers.stream()
        .filter(status -> status.getMetadata().getName().equals(name))
        .max(Comparator.comparingInt(status -> status.getMetadata().getAttempt()))
        .orElseThrow(() -> new AssertionError("no container " + name + " in " + containers));
  }
}
