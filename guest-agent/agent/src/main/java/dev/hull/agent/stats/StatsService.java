package dev.hull.agent.stats;

import dev.hull.agent.users.PodNetwork;
import dev.hull.guest.v1.ContainerStats;
import dev.hull.guest.v1.ContainerStatsRequest;
import dev.hull.guest.v1.ContainerStatsResponse;
import dev.hull.guest.v1.StatsGrpc;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;

/** What containers and the pod use, for the host. */
public final class StatsService extends StatsGrpc.StatsImplBase {
  private final StatsSource source;
  private final PodCounters pod;
  private final CgroupCounters cgroups;
  private final Path proc;

  /**
   * @param pod the cgroup above all containers'
   * @param scratch the disk of the writable layers
   */
  public StatsService(
      StatsSource source,
      Path pod,
      Path scratch,
      FileSystems files,
      PodNetwork network,
      Folders folders) {
    this.source = source;
    this.cgroups = new CgroupCounters(folders.proc(), folders.sys());
    this.pod = new PodCounters(cgroups, pod, scratch, files, network, folders.proc());
    this.proc = folders.proc();
  }

  /**
   * Where the kernel tells.
   *
   * @param proc {@code /proc}
   * @param sys {@code /sys}
   */
  public record Folders(Path proc, Path sys) {}

  @Override
  public void containers(
      ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> answer) {
    answer.onNext(count(request.getContainerId()));
    answer.onCompleted();
  }

  public ContainerStatsResponse count(String containerId) {
    ContainerStatsResponse.Builder response = ContainerStatsResponse.newBuilder();
    source.counted(containerId).forEach(each -> response.addStats(count(each)));
    if (containerId.isEmpty()) {
      response.setPod(pod.count());
    }
    return response.build();
  }

  private ContainerStats count(Counted container) {
    ContainerStats.Builder stats =
        ContainerStats.newBuilder()
            .setContainerId(container.id())
            .setCgroup(cgroups.count(container.cgroup()));
    container.layer().measured().ifPresent(stats::setWritableLayer);
    container.pid().ifPresent(pid -> stats.setMaxOpenFiles(Tasks.maxOpenFiles(proc, pid)));
    return stats.build();
  }
}
