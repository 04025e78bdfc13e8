package dev.hull.cri.bridge.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cri.v1.ListMetricDescriptorsRequest;
import dev.hull.cri.v1.ListPodSandboxMetricsRequest;
import dev.hull.cri.v1.Metric;
import dev.hull.cri.v1.MetricDescriptor;
import dev.hull.cri.v1.MetricType;
import dev.hull.cri.v1.PodSandboxMetrics;
import dev.hull.cri.v1.StreamPodSandboxMetricsRequest;
import dev.hull.vm.MachineId;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetricsTest {
  /** What a kubelet that reads them by cAdvisor has, and CRI's conformance tests ask for. */
  private static final List<String> EXPECTED =
      List.of(
          "container_blkio_device_usage_total",
          "container_cpu_cfs_periods_total",
          "container_cpu_cfs_throttled_periods_total",
          "container_cpu_cfs_throttled_seconds_total",
          "container_cpu_system_seconds_total",
          "container_cpu_usage_seconds_total",
          "container_cpu_user_seconds_total",
          "container_file_descriptors",
          "container_fs_inodes_free",
          "container_fs_inodes_total",
          "container_fs_limit_bytes",
          "container_fs_reads_bytes_total",
          "container_fs_reads_total",
          "container_fs_usage_bytes",
          "container_fs_writes_bytes_total",
          "container_fs_writes_total",
          "container_hugetlb_max_usage_bytes",
          "container_hugetlb_usage_bytes",
          "container_last_seen",
          "container_memory_cache",
          "container_memory_failcnt",
          "container_memory_failures_total",
          "container_memory_kernel_usage",
          "container_memory_mapped_file",
          "container_memory_max_usage_bytes",
          "container_memory_rss",
          "container_memory_swap",
          "container_memory_usage_bytes",
          "container_memory_working_set_bytes",
          "container_network_receive_bytes_total",
          "container_network_receive_errors_total",
          "container_network_receive_packets_dropped_total",
          "container_network_receive_packets_total",
          "container_network_transmit_bytes_total",
          "container_network_transmit_errors_total",
          "container_network_transmit_packets_dropped_total",
          "container_network_transmit_packets_total",
          "container_oom_events_total",
          "container_pressure_cpu_stalled_seconds_total",
          "container_pressure_cpu_waiting_seconds_total",
          "container_pressure_io_stalled_seconds_total",
          "container_pressure_io_waiting_seconds_total",
          "container_pressure_memory_stalled_seconds_total",
          "container_pressure_memory_waiting_seconds_total",
          "container_processes",
          "container_sockets",
          "container_spec_cpu_period",
          "container_spec_cpu_quota",
          "container_spec_cpu_shares",
          "container_spec_memory_limit_bytes",
          "container_spec_memory_reservation_limit_bytes",
          "container_spec_memory_swap_limit_bytes",
          "container_start_time_seconds",
          "container_threads",
          "container_threads_max",
          "container_ulimits_soft");

  @TempDir Path folder;
  private TestDaemon daemon;

  @BeforeEach
  void start() throws Exception {
    daemon = new TestDaemon(folder);
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  private Map<String, MetricDescriptor> descriptors() {
    Map<String, MetricDescriptor> all = new HashMap<>();
    for (MetricDescriptor descriptor :
        daemon
            .runtime()
            .listMetricDescriptors(ListMetricDescriptorsRequest.getDefaultInstance())
            .getDescriptorsList()) {
      assertThat(all.put(descriptor.getName(), descriptor)).isNull();
      assertThat(descriptor.getHelp()).isNotEmpty();
    }
    return all;
  }

  @Test
  void everythingThatIsExpectedIsDescribed() {
    assertThat(descriptors()).containsKeys(EXPECTED.toArray(String[]::new));
  }

  @Test
  void everyMetricIsDescribedAndHasAsManyLabels() {
    String pod = daemon.run("web");
    String id = daemon.started(pod, "one", "sleep");
    daemon.create(pod, "two", "sleep");
    daemon.machines().usage(new MachineId(pod), UsageOf.container(id));
    PodSandboxMetrics metrics =
        daemon
            .runtime()
            .listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
            .getPodMetrics(0);
    assertThat(metrics.getPodSandboxId()).isEqualTo(pod);
    assertThat(metrics.getContainerMetricsList())
        .extracting(container -> container.getContainerId())
        .containsExactly(id);
    Map<String, MetricDescriptor> described = descriptors();
    List<Metric> all =
        Stream.concat(
                metrics.getMetricsList().stream(),
                metrics.getContainerMetrics(0).getMetricsList().stream())
            .toList();
    for (Metric metric : all) {
      MetricDescriptor descriptor = Objects.requireNonNull(described.get(metric.getName()));
      assertThat(metric.getLabelValuesCount())
          .as(metric.getName())
          .isEqualTo(descriptor.getLabelKeysCount());
      assertThat(metric.getTimestamp()).isPositive();
    }
    assertThat(value(all, "container_cpu_usage_seconds_total")).isEqualTo(3);
    assertThat(value(all, "container_memory_working_set_bytes")).isEqualTo(1000);
    assertThat(value(all, "container_threads")).isEqualTo(5);
    assertThat(value(all, "container_ulimits_soft")).isEqualTo(1024);
    assertThat(value(all, "container_pressure_io_waiting_seconds_total")).isEqualTo(2);
    assertThat(value(all, "container_network_receive_packets_dropped_total", "eth0")).isEqualTo(13);
    assertThat(value(all, "container_blkio_device_usage_total", "/dev/sdb", "8", "16", "Write"))
        .isEqualTo(2);
    assertThat(value(all, "container_memory_failures_total", "pgmajfault", "container"))
        .isEqualTo(3);
  }

  @Test
  void labelsNamePodAndContainer() {
    String pod = daemon.run("web");
    String id = daemon.started(pod, "one", "sleep");
    daemon.machines().usage(new MachineId(pod), UsageOf.container(id));
    var parts =
        daemon
            .runtime()
            .streamPodSandboxMetrics(StreamPodSandboxMetricsRequest.getDefaultInstance());
    PodSandboxMetrics metrics = parts.next().getPodSandboxMetrics(0);
    assertThat(parts.hasNext()).isFalse();
    Metric rss =
        metrics.getContainerMetrics(0).getMetricsList().stream()
            .filter(metric -> metric.getName().equals("container_memory_rss"))
            .findFirst()
            .orElseThrow();
    MetricDescriptor descriptor = Objects.requireNonNull(descriptors().get("container_memory_rss"));
    assertThat(descriptor.getLabelKeysList())
        .containsExactly("id", "name", "image", "container", "pod", "namespace");
    assertThat(rss.getLabelValues(0)).isEqualTo(id);
    assertThat(rss.getLabelValues(2)).startsWith("docker.io/library/debian@sha256:");
    assertThat(rss.getLabelValuesList().subList(3, 6)).containsExactly("one", "web", "default");
    assertThat(rss.getMetricType()).isEqualTo(MetricType.GAUGE);
    assertThat(metrics.getMetrics(0).getLabelValuesList().subList(3, 7))
        .containsExactly("", "web", "default", "net1");
  }

  private static long value(List<Metric> metrics, String name, String... labels) {
    return metrics.stream()
        .filter(metric -> metric.getName().equals(name))
        .filter(
            metric ->
                metric
                    .getLabelValuesList()
                    .subList(
                        metric.getLabelValuesCount() - labels.length, metric.getLabelValuesCount())
                    .equals(List.of(labels)))
        .findFirst()
        .orElseThrow()
        .getValue()
        .getValue();
  }
}
