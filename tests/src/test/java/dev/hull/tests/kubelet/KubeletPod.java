package dev.hull.tests.kubelet;

import com.google.protobuf.ByteString;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ContainerMetadata;
import dev.hull.cri.v1.DNSConfig;
import dev.hull.cri.v1.HugepageLimit;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.KeyValue;
import dev.hull.cri.v1.LinuxContainerConfig;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.LinuxContainerSecurityContext;
import dev.hull.cri.v1.LinuxPodSandboxConfig;
import dev.hull.cri.v1.LinuxSandboxSecurityContext;
import dev.hull.cri.v1.Mount;
import dev.hull.cri.v1.NamespaceMode;
import dev.hull.cri.v1.NamespaceOption;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.PodSandboxMetadata;
import dev.hull.cri.v1.PortMapping;
import dev.hull.cri.v1.Protocol;
import dev.hull.cri.v1.SecurityProfile;
import dev.hull.tests.harness.AtomicVolume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * One pod as a kubelet has it on its disk, and as it tells it to a runtime: field by field what
 * {@code pkg/kubelet/kuberuntime} of Kubernetes 1.34 writes for a burstable pod with a ConfigMap
 * and an emptyDir, on a node with cgroup v2.
 */
final class KubeletPod {
  static final String UID_LABEL = "io.kubernetes.pod.uid";
  static final String NAME_LABEL = "io.kubernetes.container.name";
  static final int GRACE_SECONDS = 30;

  private static final String NAMESPACE = "default";
  private static final String NAME = "app";
  private static final int OOM_SCORE = 992;

  private final String uid = UUID.randomUUID().toString();
  private final Path folder;
  private final Path logs;
  private final Path hosts;
  private final Path data;
  private final AtomicVolume config;

  /**
   * @param kubelet the folder that it keeps everything in
   */
  KubeletPod(Path kubelet) throws IOException {
    folder = Files.createDirectories(kubelet.resolve("pods").resolve(uid));
    logs = kubelet.resolve("logs").resolve(String.join("_", NAMESPACE, NAME, uid));
    hosts =
        Files.writeString(
            folder.resolve("etc-hosts"),
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n");
    Path volumes = folder.resolve("volumes");
    data = Files.createDirectories(volumes.resolve("kubernetes.io~empty-dir").resolve("data"));
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxrwxrwx"));
    config = new AtomicVolume(volumes.resolve("kubernetes.io~configmap").resolve("config"));
  }

  String uid() {
    return uid;
  }

  /** Mounted at {@code /etc/config}. */
  AtomicVolume config() {
    return config;
  }

  /** Mounted at {@code /data}. */
  Path data() {
    return data;
  }

  PodSandboxConfig sandbox() {
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder().setName(NAME).setNamespace(NAMESPACE).setUid(uid))
        .setHostname(NAME)
        .setLogDirectory(logs.toString())
        .setDnsConfig(
            DNSConfig.newBuilder()
                .addServers("10.96.0.10")
                .addAllSearches(
                    List.of("default.svc.cluster.local", "svc.cluster.local", "cluster.local"))
                .addOptions("ndots:5"))
        .addPortMappings(PortMapping.newBuilder().setProtocol(Protocol.TCP).setContainerPort(8080))
        .putAllLabels(labels())
        .putLabels("app", NAME)
        .putAnnotations("kubernetes.io/config.seen", "2026-01-02T03:04:05.678901234Z")
        .putAnnotations("kubernetes.io/config.source", "api")
        .setLinux(
            LinuxPodSandboxConfig.newBuilder()
                .setCgroupParent("/kubepods/burstable/pod" + uid)
                .setSecurityContext(
                    LinuxSandboxSecurityContext.newBuilder()
                        .setNamespaceOptions(namespaces())
                        .setSeccomp(profile(SecurityProfile.ProfileType.RuntimeDefault)))
                .setOverhead(LinuxContainerResources.getDefaultInstance())
                .setResources(limits(100, 500, 128)))
        .build();
  }

  /**
   * A container of this pod, with the files that are made for it alone.
   *
   * @param image as the runtime named it when it was asked for its status
   */
  ContainerConfig container(
      String name, int attempt, ImageSpec image, String script, LinuxContainerResources resources)
      throws IOException {
    Files.createDirectories(logs.resolve(name));
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(name).setAttempt(attempt))
        .setImage(image)
        .addAllCommand(List.of("/bin/bash", "-c"))
        .addArgs(script)
        .addEnvs(env("ATTEMPT", Integer.toString(attempt)))
        .addEnvs(env("KUBERNETES_SERVICE_HOST", "10.96.0.1"))
        .addEnvs(env("KUBERNETES_SERVICE_PORT", "443"))
        .addMounts(mount(config.path(), "/etc/config").setReadonly(true))
        .addMounts(mount(data, "/data"))
        .addMounts(mount(hosts, "/etc/hosts"))
        .addMounts(mount(termination(name, attempt), "/dev/termination-log"))
        .putAllLabels(labels())
        .putLabels(NAME_LABEL, name)
        .putAnnotations("io.kubernetes.container.hash", "6f5d1e5c")
        .putAnnotations("io.kubernetes.container.restartCount", Integer.toString(attempt))
        .putAnnotations("io.kubernetes.container.terminationMessagePath", "/dev/termination-log")
        .putAnnotations("io.kubernetes.container.terminationMessagePolicy", "File")
        .putAnnotations("io.kubernetes.pod.terminationGracePeriod", Integer.toString(GRACE_SECONDS))
        .setLogPath(name + "/" + attempt + ".log")
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setResources(resources)
                .setSecurityContext(
                    LinuxContainerSecurityContext.newBuilder()
                        .setNamespaceOptions(namespaces())
                        .setSeccomp(profile(SecurityProfile.ProfileType.Unconfined))
                        .addAllMaskedPaths(
                            List.of(
                                "/proc/asound",
                                "/proc/acpi",
                                "/proc/interrupts",
                                "/proc/kcore",
                                "/proc/keys",
                                "/proc/latency_stats",
                                "/proc/timer_list",
                                "/proc/timer_stats",
                                "/proc/sched_debug",
                                "/proc/scsi",
                                "/sys/firmware",
                                "/sys/devices/virtual/powercap"))
                        .addAllReadonlyPaths(
                            List.of(
                                "/proc/bus",
                                "/proc/fs",
                                "/proc/irq",
                                "/proc/sys",
                                "/proc/sysrq-trigger"))))
        .build();
  }

  /** What a container says of its end; a file for each attempt. */
  Path termination(String name, int attempt) throws IOException {
    Path file =
        folder.resolve("containers").resolve(name).resolve("%08x".formatted(attempt + 0x1000));
    if (!Files.exists(file)) {
      Files.createDirectories(file.getParent());
      Files.createFile(file);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    }
    return file;
  }

  /** Requests of CPU time in thousandths, limits of it and of memory. */
  static LinuxContainerResources limits(int requestedMillis, int limitMillis, int memoryMib) {
    long memory = (long) memoryMib << 20;
    return LinuxContainerResources.newBuilder()
        .setCpuPeriod(100_000)
        .setCpuQuota(limitMillis * 100L)
        .setCpuShares(requestedMillis * 1024L / 1000)
        .setMemoryLimitInBytes(memory)
        .setMemorySwapLimitInBytes(memory)
        .setOomScoreAdj(OOM_SCORE)
        .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB"))
        .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("1GB"))
        .putUnified("memory.oom.group", "1")
        .build();
  }

  private Map<String, String> labels() {
    return Map.of(
        "io.kubernetes.pod.name", NAME, "io.kubernetes.pod.namespace", NAMESPACE, UID_LABEL, uid);
  }

  private static NamespaceOption.Builder namespaces() {
    return NamespaceOption.newBuilder()
        .setNetwork(NamespaceMode.POD)
        .setPid(NamespaceMode.CONTAINER)
        .setIpc(NamespaceMode.POD);
  }

  private static SecurityProfile.Builder profile(SecurityProfile.ProfileType type) {
    return SecurityProfile.newBuilder().setProfileType(type);
  }

  private static KeyValue env(String key, String value) {
    return KeyValue.newBuilder().setKey(key).setValue(ByteString.copyFromUtf8(value)).build();
  }

  private static Mount.Builder mount(Path source, String destination) {
    return Mount.newBuilder().setHostPath(source.toString()).setContainerPath(destination);
  }
}
