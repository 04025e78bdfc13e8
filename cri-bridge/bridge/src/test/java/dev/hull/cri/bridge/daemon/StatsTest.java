package dev.hull.cri.bridge.daemon;

import static dev.hull.cri.bridge.daemon.SandboxTest.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ContainerFilter;
import dev.hull.cri.v1.ContainerStats;
import dev.hull.cri.v1.ContainerStatsFilter;
import dev.hull.cri.v1.ContainerStatsRequest;
import dev.hull.cri.v1.LinuxContainerConfig;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.LinuxPodSandboxStats;
import dev.hull.cri.v1.ListContainerStatsRequest;
import dev.hull.cri.v1.ListPodSandboxStatsRequest;
import dev.hull.cri.v1.PodSandboxStats;
import dev.hull.cri.v1.PodSandboxStatsFilter;
import dev.hull.cri.v1.PodSandboxStatsRequest;
import dev.hull.cri.v1.StopPodSandboxRequest;
import dev.hull.cri.v1.StreamContainerStatsRequest;
import dev.hull.cri.v1.StreamContainersRequest;
import dev.hull.cri.v1.StreamPodSandboxStatsRequest;
import dev.hull.cri.v1.StreamPodSandboxesRequest;
import dev.hull.vm.FakeMachines;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineUsage;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StatsTest {
  @TempDir Path folder;
  private TestDaemon daemon;
  private String pod;

  @BeforeEach
  void start() throws Exception {
    daemon = new TestDaemon(folder);
    pod = daemon.run("web");
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  @Test
  void aContainersUseIsWhatItsGuestCounts() {
    String id = daemon.create(pod, limited("one", 5000));
    daemon.start(id);
    MachineUsage counted = UsageOf.container(id);
    daemon.machines().usage(new MachineId(pod), counted);
    ContainerStats stats = stats(id);
    assertThat(stats.getAttributes().getId()).isEqualTo(id);
    assertThat(stats.getAttributes().getMetadata().getName()).isEqualTo("one");
    assertThat(stats.getAttributes().getLabelsMap()).containsEntry("container", "one");
    assertThat(stats.getCpu().getTimestamp())
        .isEqualTo(counted.at().getEpochSecond() * 1_000_000_000L);
    assertThat(stats.getCpu().getUsageCoreNanoSeconds().getValue()).isEqualTo(3_000_000_000L);
    assertThat(stats.getCpu().getUsageNanoCores().getValue()).isPositive();
    assertThat(stats.getMemory().getUsageBytes().getValue()).isEqualTo(1100);
    assertThat(stats.getMemory().getWorkingSetBytes().getValue()).isEqualTo(1000);
    assertThat(stats.getMemory().getAvailableBytes().getValue()).isEqualTo(4000);
    assertThat(stats.getMemory().getRssBytes().getValue()).isEqualTo(700);
    assertThat(stats.getMemory().getPageFaults().getValue()).isEqualTo(12);
    assertThat(stats.getMemory().getMajorPageFaults().getValue()).isEqualTo(3);
    assertThat(stats.getWritableLayer().getUsedBytes().getValue()).isEqualTo(8192);
    assertThat(stats.getWritableLayer().getInodesUsed().getValue()).isEqualTo(4);
    assertThat(stats.getWritableLayer().getFsId().getMountpoint())
        .isEqualTo(daemon.root().resolve("machines").toString());
    assertThat(stats.getIo().getPsi().getSome().getTotal()).isEqualTo(2_000_000_000L);
    assertThat(stats.getCpu().hasPsi()).isFalse();
    assertThat(stats.getSwap().getSwapUsageBytes().getValue()).isZero();
  }

  @Test
  void withoutALimitNothingIsAvailable() {
    String id = daemon.started(pod, "one", "sleep");
    daemon.machines().usage(new MachineId(pod), UsageOf.container(id));
    assertThat(stats(id).getMemory().hasAvailableBytes()).isFalse();
  }

  @Test
  void aPodsUseHasItsNetworkItsProcessesAndItsRunningContainers() {
    String id = daemon.started(pod, "one", "sleep");
    daemon.create(pod, "two", "sleep");
    daemon.machines().usage(new MachineId(pod), UsageOf.container(id));
    PodSandboxStats stats =
        daemon
            .runtime()
            .podSandboxStats(PodSandboxStatsRequest.newBuilder().setPodSandboxId(pod).build())
            .getStats();
    assertThat(stats.getAttributes().getMetadata().getName()).isEqualTo("web");
    LinuxPodSandboxStats linux = stats.getLinux();
    assertThat(linux.getNetwork().getDefaultInterface().getName()).isEqualTo("eth0");
    assertThat(linux.getNetwork().getDefaultInterface().getRxBytes().getValue()).isEqualTo(10);
    assertThat(linux.getNetwork().getDefaultInterface().getTxErrors().getValue()).isEqualTo(23);
    assertThat(linux.getNetwork().getInterfaces(0).getName()).isEqualTo("net1");
    assertThat(linux.getProcess().getProcessCount().getValue()).isEqualTo(2);
    assertThat(linux.getMemory().getAvailableBytes().getValue()).isEqualTo(99);
    assertThat(linux.getContainersList())
        .extracting(container -> container.getAttributes().getId())
        .containsExactly(id);
  }

  @Test
  void aMachineThatHangsKeepsNobodyElseFromBeingListed() {
    String other = daemon.run("db");
    String here = daemon.started(pod, "one", "sleep");
    String there = daemon.started(other, "one", "sleep");
    daemon.machines().hang(new MachineId(other));
    long began = System.nanoTime();
    assertThat(listed(ContainerStatsFilter.getDefaultInstance())).containsExactly(here);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    refused(() -> stats(there), Status.Code.DEADLINE_EXCEEDED, "cannot ask the guest");
    daemon.machines().kill(new MachineId(other), "end");
  }

  @Test
  void oneThatFailsIsLeftOutOfAList() {
    daemon
        .machines()
        .failNext(
            FakeMachines.Operation.USAGE,
            new MachineException(MachineException.Kind.UNAVAILABLE, "the agent does not answer"));
    assertThat(pods(PodSandboxStatsFilter.getDefaultInstance())).isEmpty();
    assertThat(pods(PodSandboxStatsFilter.getDefaultInstance())).containsExactly(pod);
  }

  @Test
  void listsAreFiltered() {
    String one = daemon.started(pod, "one", "sleep");
    String two = daemon.started(pod, "two", "sleep");
    daemon.create(pod, "three", "sleep");
    String other = daemon.run("db");
    String four = daemon.started(other, "four", "sleep");
    assertThat(listed(ContainerStatsFilter.getDefaultInstance())).containsExactly(one, two, four);
    assertThat(listed(filter().setId(one.substring(0, 12)).build())).containsExactly(one);
    assertThat(listed(filter().setPodSandboxId(other.substring(0, 12)).build()))
        .containsExactly(four);
    assertThat(listed(filter().putLabelSelector("container", "two").build())).containsExactly(two);
    assertThat(listed(filter().putLabelSelector("container", "none").build())).isEmpty();
    assertThat(pods(PodSandboxStatsFilter.newBuilder().setId(pod.substring(0, 9)).build()))
        .containsExactly(pod);
    assertThat(pods(PodSandboxStatsFilter.newBuilder().putLabelSelector("app", "db").build()))
        .containsExactly(other);
  }

  @Test
  void whatIsNotThereOrHasStoppedIsSaid() {
    refused(() -> stats("abc"), Status.Code.NOT_FOUND, "there is no container abc");
    String id = daemon.started(pod, "one", "sleep");
    var _ =
        daemon
            .runtime()
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
    refused(() -> stats(id), Status.Code.FAILED_PRECONDITION, "has stopped");
    assertThat(pods(PodSandboxStatsFilter.getDefaultInstance())).isEmpty();
    assertThat(listed(ContainerStatsFilter.getDefaultInstance())).isEmpty();
  }

  @Test
  void streamsHaveTheSameInPiecesEachOnce() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 130; i++) {
      ids.add(daemon.started(pod, "c" + i, "sleep"));
    }
    List<Integer> sizes = new ArrayList<>();
    List<String> streamed = new ArrayList<>();
    daemon
        .runtime()
        .streamContainers(
            StreamContainersRequest.newBuilder()
                .setFilter(ContainerFilter.newBuilder().setPodSandboxId(pod))
                .build())
        .forEachRemaining(
            part -> {
              sizes.add(part.getContainersCount());
              part.getContainersList().forEach(container -> streamed.add(container.getId()));
            });
    assertThat(sizes).containsExactly(100, 30);
    assertThat(streamed).isEqualTo(ids);
    List<String> counted = new ArrayList<>();
    daemon
        .runtime()
        .streamContainerStats(StreamContainerStatsRequest.getDefaultInstance())
        .forEachRemaining(
            part ->
                part.getContainerStatsList()
                    .forEach(stats -> counted.add(stats.getAttributes().getId())));
    assertThat(counted).isEqualTo(ids);
    var sandboxes =
        daemon.runtime().streamPodSandboxes(StreamPodSandboxesRequest.getDefaultInstance());
    assertThat(sandboxes.next().getPodSandboxes(0).getId()).isEqualTo(pod);
    assertThat(sandboxes.hasNext()).isFalse();
    var use =
        daemon.runtime().streamPodSandboxStats(StreamPodSandboxStatsRequest.getDefaultInstance());
    assertThat(use.next().getPodSandboxStats(0).getLinux().getContainersCount()).isEqualTo(130);
    assertThat(use.hasNext()).isFalse();
  }

  private ContainerConfig limited(String name, long bytes) {
    return daemon
        .container(name, "sleep")
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setResources(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(bytes)))
        .build();
  }

  private static ContainerStatsFilter.Builder filter() {
    return ContainerStatsFilter.newBuilder();
  }

  private ContainerStats stats(String id) {
    return daemon
        .runtime()
        .containerStats(ContainerStatsRequest.newBuilder().setContainerId(id).build())
        .getStats();
  }

  private List<String> listed(ContainerStatsFilter filter) {
    return daemon
        .runtime()
        .listContainerStats(ListContainerStatsRequest.newBuilder().setFilter(filter).build())
        .getStatsList()
        .stream()
        .map(stats -> stats.getAttributes().getId())
        .toList();
  }

  private List<String> pods(PodSandboxStatsFilter filter) {
    return daemon
        .runtime()
        .listPodSandboxStats(ListPodSandboxStatsRequest.newBuilder().setFilter(filter).build())
        .getStatsList()
        .stream()
        .map(stats -> stats.getAttributes().getId())
        .toList();
  }
}
