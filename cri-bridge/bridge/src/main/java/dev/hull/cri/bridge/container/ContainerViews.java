package dev.hull.cri.bridge.container;

import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ContainerResources;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.ContainerUser;
import dev.hull.cri.v1.LinuxContainerUser;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.GuestContainer.State;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A container as CRI shows it. */
public final class ContainerViews {
  private ContainerViews() {}

  static Container item(dev.hull.cri.bridge.store.Container container) {
    ContainerConfig config = container.config();
    return Container.newBuilder()
        .setId(container.id())
        .setPodSandboxId(container.sandbox().id())
        .setMetadata(config.getMetadata())
        .setImage(config.getImage())
        .setImageRef(container.facts().imageRef())
        .setState(state(container.state()))
        .setCreatedAt(container.facts().createdAtNanos())
        .putAllLabels(config.getLabelsMap())
        .putAllAnnotations(config.getAnnotationsMap())
        .setImageId(container.facts().imageId().value())
        .build();
  }

  public static ContainerStatus status(dev.hull.cri.bridge.store.Container container) {
    ContainerConfig config = container.config();
    State state = container.state();
    ContainerStatus.Builder status =
        ContainerStatus.newBuilder()
            .setId(container.id())
            .setMetadata(config.getMetadata())
            .setState(state(state))
            .setCreatedAt(container.facts().createdAtNanos())
            .setImage(config.getImage())
            .setImageRef(container.facts().imageRef())
            .putAllLabels(config.getLabelsMap())
            .putAllAnnotations(config.getAnnotationsMap())
            .addAllMounts(config.getMountsList())
            .setLogPath(container.facts().log().map(log -> log.file().toString()).orElse(""))
            .setImageId(container.facts().imageId().value())
            .setStopSignal(Signals.signal(container.facts().stopSignal()));
    if (config.getLinux().hasResources()) {
      status.setResources(
          ContainerResources.newBuilder().setLinux(config.getLinux().getResources()));
    }
    container
        .guest()
        .user()
        .ifPresent(user -> status.setUser(ContainerUser.newBuilder().setLinux(user(user))));
    switch (state) {
      case State.Created _ -> {}
      case State.Running running -> status.setStartedAt(nanos(running.startedAt()));
      case State.Exited exited ->
          status
              .setStartedAt(nanos(exited.startedAt()))
              .setFinishedAt(nanos(exited.finishedAt()))
              .setExitCode(exited.exitCode())
              .setReason(reason(exited))
              .setMessage(exited.message());
    }
    return status.build();
  }

  private static LinuxContainerUser user(GuestContainer.User user) {
    return LinuxContainerUser.newBuilder()
        .setUid(user.uid())
        .setGid(user.gid())
        .addAllSupplementalGroups(user.groups().stream().map(Integer::longValue).toList())
        .build();
  }

  private static ContainerState state(State state) {
    return switch (state) {
      case State.Created _ -> ContainerState.CONTAINER_CREATED;
      case State.Running _ -> ContainerState.CONTAINER_RUNNING;
      case State.Exited _ -> ContainerState.CONTAINER_EXITED;
    };
  }

  private static String reason(State.Exited exited) {
    if (exited.oomKilled()) {
      return "OOMKilled";
    }
    if (exited.startedAt().equals(Instant.EPOCH)) {
      return "StartError";
    }
    if (!exited.message().isEmpty()) {
      return "MachineStopped";
    }
    return exited.exitCode() == 0 ? "Completed" : "Error";
  }

  private static long nanos(Instant instant) {
    return ChronoUnit.NANOS.between(Instant.EPOCH, instant);
  }
}
