package dev.hull.tests.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hull.cri.v1.ContainerEventResponse;
import dev.hull.cri.v1.ContainerMetrics;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStats;
import dev.hull.cri.v1.ContainerStatsRequest;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.GetEventsRequest;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.LinuxPodSandboxStats;
import dev.hull.cri.v1.ListMetricDescriptorsRequest;
import dev.hull.cri.v1.ListPodSandboxMetricsRequest;
import dev.hull.cri.v1.Metric;
import dev.hull.cri.v1.MetricDescriptor;
import dev.hull.cri.v1.PodSandboxMetrics;
import dev.hull.cri.v1.PodSandboxStatsRequest;
import dev.hull.cri.v1.UpdatePodSandboxResourcesRequest;
import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Statistics, metrics, events and changed limits, of one pod and its machine. */
@Tag("machine")
@Timeout(240)
final class RuntimeCallsTest {
  private static final long MIB = 1L << 20;
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private static Path folder;
  private static Daemon daemon;
  private static TestPod pod;

  @BeforeAll
  static void startPod() {
    daemon = new Daemon(folder).start();
    TestPod.load(daemon, TestPod.DEBIAN);
    pod = TestPod.run(daemon, folder.resolve("logs"));
  }

  @AfterAll
  static void stopPod() {
    pod.close();
    daemon.close();
  }

  private static ContainerStats stats(String container) {
    return daemon
        .cri()
        .runtime()
        .containerStats(ContainerStatsRequest.newBuilder().setContainerId(container).build())
        .getStats();
  }

  private static String limited(String name, String script, LinuxContainerResources resources) {
    return pod.start(
        pod.create(
            name,
            TestPod.DEBIAN,
            script,
            spec -> {
              spec.getLinuxBuilder().setResources(resources);
              return spec;
            }));
  }

  private static void update(String container, LinuxContainerResources.Builder resources) {
    pod.update(container, resources.build());
  }

  private static LinuxContainerResources.Builder memory(long mib) {
    return LinuxContainerResources.newBuilder().setMemoryLimitInBytes(mib * MIB);
  }

  private static String exec(String container, String script) {
    return pod.exec(container, "/bin/sh", "-c", script).getStdout().toStringUtf8().strip();
  }

  @Test
  void whatAContainerUsesIsCounted() {
    String busy =
        pod.shell("busy", "dd if=/dev/zero of=/big bs=1M count=8 status=none; while :; do :; done");
    try {
      await("it has written its file")
          .atMost(SOON)
          .until(() -> stats(busy).getWritableLayer().getUsedBytes().getValue() >= 8 * MIB);
      ContainerStats first = stats(busy);
      assertThat(first.getWritableLayer().getUsedBytes().getValue()).isLessThan(9 * MIB);
      assertThat(first.getWritableLayer().getInodesUsed().getValue()).isBetween(2L, 12L);
      assertThat(first.getMemory().getUsageBytes().getValue()).isGreaterThan(8 * MIB);
      assertThat(first.getMemory().getRssBytes().getValue()).isBetween(100_000L, 8 * MIB);
      assertThat(first.getMemory().getPageFaults().getValue()).isPositive();
      await("a whole second of CPU time")
          .atMost(SOON)
          .until(
              () ->
                  stats(busy).getCpu().getUsageCoreNanoSeconds().getValue()
                      > first.getCpu().getUsageCoreNanoSeconds().getValue() + 1_000_000_000);
      assertThat(stats(busy).getCpu().getUsageNanoCores().getValue())
          .isBetween(10_000_000L, 2_000_000_000L);
      LinuxPodSandboxStats whole =
          daemon
              .cri()
              .runtime()
              .podSandboxStats(
                  PodSandboxStatsRequest.newBuilder().setPodSandboxId(pod.id()).build())
              .getStats()
              .getLinux();
      assertThat(whole.getNetwork().getDefaultInterface().getName()).isEqualTo("eth0");
      assertThat(whole.getProcess().getProcessCount().getValue()).isPositive();
      assertThat(whole.getMemory().getAvailableBytes().getValue()).isBetween(64 * MIB, 2000 * MIB);
      assertThat(whole.getContainersList())
          .extracting(stats -> stats.getAttributes().getId())
          .contains(busy);
      assertMetrics(busy);
    } finally {
      pod.removeContainer(busy);
    }
  }

  /** Each described metric is there, but of devices only those that were used. */
  private static void assertMetrics(String container) {
    PodSandboxMetrics metrics =
        daemon
            .cri()
            .runtime()
            .listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
            .getPodMetrics(0);
    ContainerMetrics of =
        metrics.getContainerMetricsList().stream()
            .filter(each -> each.getContainerId().equals(container))
            .findFirst()
            .orElseThrow();
    Set<String> there =
        of.getMetricsList().stream().map(Metric::getName).collect(Collectors.toSet());
    metrics.getMetricsList().forEach(metric -> there.add(metric.getName()));
    Set<String> missing =
        daemon
            .cri()
            .runtime()
            .listMetricDescriptors(ListMetricDescriptorsRequest.getDefaultInstance())
            .getDescriptorsList()
            .stream()
            .map(MetricDescriptor::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    missing.removeAll(there);
    // It has no CPU quota.
    assertThat(missing).containsExactly("container_spec_cpu_quota");
    assertThat(value(of, "container_threads")).isPositive();
    assertThat(value(of, "container_file_descriptors")).isPositive();
    assertThat(value(of, "container_fs_usage_bytes")).isGreaterThan(8 * MIB);
    assertThat(value(of, "container_ulimits_soft")).isPositive();
    assertThat(value(of, "container_last_seen")).isGreaterThan(1_700_000_000);
  }

  private static long value(ContainerMetrics metrics, String name) {
    return metrics.getMetricsList().stream()
        .filter(metric -> metric.getName().equals(name))
        .mapToLong(metric -> metric.getValue().getValue())
        .sum();
  }

  @Test
  void aLifeIsToldByEvents() throws Exception {
    BlockingQueue<ContainerEventResponse> events = new LinkedBlockingQueue<>();
    var stream = daemon.cri().runtime().getContainerEvents(GetEventsRequest.getDefaultInstance());
    Thread listener =
        Thread.startVirtualThread(
            () -> {
              try {
                stream.forEachRemaining(events::add);
              } catch (StatusRuntimeException closed) {
                events.clear();
              }
            });
    assertThat(listener.isAlive()).isTrue();
    // The subscription stands when it tells something.
    await()
        .atMost(SOON)
        .until(
            () -> {
              pod.removeContainer(pod.create("probe", TestPod.DEBIAN, "true", spec -> spec));
              return events.poll(1, TimeUnit.SECONDS) != null;
            });
    String container = pod.shell("short", "exit 3");
    assertThat(types(events, container, 3))
        .containsExactly(
            "CONTAINER_CREATED_EVENT", "CONTAINER_STARTED_EVENT", "CONTAINER_STOPPED_EVENT");
    pod.removeContainer(container);
    assertThat(types(events, container, 1)).containsExactly("CONTAINER_DELETED_EVENT");
  }

  private static List<String> types(
      BlockingQueue<ContainerEventResponse> events, String container, int count) {
    List<String> types = new ArrayList<>();
    while (types.size() < count) {
      ContainerEventResponse event = next(events);
      if (event.getContainerId().equals(container)) {
        types.add(event.getContainerEventType().name());
        assertThat(event.getPodSandboxStatus().getId()).isEqualTo(pod.id());
        if (event.getContainerEventType().name().equals("CONTAINER_STOPPED_EVENT")) {
          ContainerStatus end =
              event.getContainersStatusesList().stream()
                  .filter(status -> status.getId().equals(container))
                  .findFirst()
                  .orElseThrow();
          assertThat(end.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
          assertThat(end.getExitCode()).isEqualTo(3);
        }
      }
    }
    return types;
  }

  private static ContainerEventResponse next(BlockingQueue<ContainerEventResponse> events) {
    try {
      return Objects.requireNonNull(events.poll(30, TimeUnit.SECONDS), "no event came");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void limitsChangeWhileAContainerRunsAndOutliveTheDaemon() {
    // Holds some 40 MiB that cannot be taken from it.
    String holder =
        limited(
            "holder",
            "x=$(head -c 40M /dev/zero | tr '\\0' x); echo ready; while :; do sleep 1; done",
            memory(200).setCpuPeriod(100_000).setCpuQuota(90_000).setOomScoreAdj(100).build());
    try {
      await("it holds its memory").atMost(SOON).until(() -> pod.output(holder).contains("ready"));
      update(
          holder,
          memory(150)
              .setCpuQuota(50_000)
              .setCpuShares(512)
              .setOomScoreAdj(200)
              .putUnified("pids.max", "30"));
      assertThat(
              exec(
                  holder,
                  "cd /sys/fs/cgroup; cat memory.max cpu.max cpu.weight pids.max /proc/1/oom_score_adj"))
          .isEqualTo(150 * MIB + "\n50000 100000\n59\n30\n200");
      assertThatThrownBy(() -> update(holder, memory(10)))
          .hasMessageContaining("FAILED_PRECONDITION")
          .hasMessageContaining("bytes that cannot be taken from it");
      assertThatThrownBy(() -> update(holder, memory(900_000))).hasMessageContaining("is the most");

      long before = Long.parseLong(exec(holder, "grep MemTotal /proc/meminfo | tr -dc 0-9"));
      update(holder, memory(700));
      assertThat(Long.parseLong(exec(holder, "grep MemTotal /proc/meminfo | tr -dc 0-9")))
          .as("the machine has grown with it")
          .isGreaterThan(before + 300 * 1024);
      daemon.kill();
      daemon.start();
      LinuxContainerResources reported = pod.status(holder).getResources().getLinux();
      assertThat(reported.getMemoryLimitInBytes()).isEqualTo(700 * MIB);
      assertThat(reported.getCpuQuota()).isEqualTo(50_000);
      assertThat(exec(holder, "cat /sys/fs/cgroup/memory.max")).isEqualTo(Long.toString(700 * MIB));
      var _ =
          daemon
              .cri()
              .runtime()
              .updatePodSandboxResources(
                  UpdatePodSandboxResourcesRequest.newBuilder()
                      .setPodSandboxId(pod.id())
                      .setResources(memory(1000))
                      .build());
      assertThat(pod.timeline()).contains("\"memoryMib\":1");
    } finally {
      pod.removeContainer(holder);
    }
  }

  @Test
  void whoTakesTooMuchMemoryIsKilledForItAndNobodyElse() {
    String neighbour = limited("neighbour", "while :; do sleep 1; done", memory(64).build());
    String greedy = limited("greedy", "tail /dev/zero", memory(64).build());
    try {
      ContainerStatus end = pod.awaitExit(greedy);
      assertThat(end.getReason()).isEqualTo("OOMKilled");
      assertThat(end.getExitCode()).isEqualTo(137);
      assertThat(pod.status(neighbour).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    } finally {
      pod.removeContainer(greedy);
      pod.removeContainer(neighbour);
    }
  }
}
