package dev.hull.agent.stats;

import dev.hull.guest.v1.ContainerStatsRequest;
import dev.hull.guest.v1.ContainerStatsResponse;
import dev.hull.guest.v1.StatsGrpc;
import io.grpc.stub.StreamObserver;

/** Counters of containers, for the host. What the kernel does not count is 0. */
public final class StatsService extends StatsGrpc.StatsImplBase {
  private final StatsSource source;

  public StatsService(StatsSource source) {
    this.source = source;
  }

  @Override
  public void containers(
      ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> answer) {
    answer.onNext(
        ContainerStatsResponse.newBuilder()
            .addAllStats(source.count(request.getContainerId()))
            .build());
    answer.onCompleted();
  }
}
