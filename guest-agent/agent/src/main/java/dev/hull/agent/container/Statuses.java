package dev.hull.agent.container;

import com.google.protobuf.Timestamp;
import dev.hull.guest.v1.ContainerState;
import dev.hull.guest.v1.ContainerStatus;
import dev.hull.guest.v1.ProcessUser;
import java.time.Instant;
import java.util.Optional;

/** Phases in the protocol's words. */
final class Statuses {
  private Statuses() {}

  static ContainerStatus of(String id, Instant createdAt, Phase phase, Optional<Identity> user) {
    ContainerStatus.Builder status =
        ContainerStatus.newBuilder().setContainerId(id).setCreatedAt(timestamp(createdAt));
    switch (phase) {
      case Phase.Created() -> status.setState(ContainerState.CONTAINER_STATE_CREATED);
      case Phase.Running running ->
          status
              .setState(ContainerState.CONTAINER_STATE_RUNNING)
              .setStartedAt(timestamp(running.startedAt()))
              .setPid(running.process().pid());
      case Phase.Exited over -> {
        status
            .setState(ContainerState.CONTAINER_STATE_EXITED)
            .setFinishedAt(timestamp(over.finishedAt()))
            .setExitCode(over.exitCode())
            .setOomKilled(over.oomKilled())
            .setMessage(over.message());
        over.startedAt().ifPresent(at -> status.setStartedAt(timestamp(at)));
      }
    }
    user.ifPresent(
        known ->
            status.setUser(
                ProcessUser.newBuilder()
                    .setUid(known.uid())
                    .setGid(known.gid())
                    .addAllGroups(known.groups())));
    return status.build();
  }

  static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
