package dev.hull.cli.kubelet;

import com.google.protobuf.ByteString;
import dev.hull.cli.pod.Pod;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ContainerMetadata;
import dev.hull.cri.v1.DNSConfig;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.KeyValue;
import dev.hull.cri.v1.LinuxContainerConfig;
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
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a kubelet says to CRI about a Pod. */
final class PodRequests {
  /** Labels and annotations that tools which read CRI expect of every kubelet. */
  static final String POD_NAME = "io.kubernetes.pod.name";

  static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
  static final String POD_UID = "io.kubernetes.pod.uid";
  static final String CONTAINER_NAME = "io.kubernetes.container.name";

  /** A host's name has at most 63 characters; longer pod names are cut, as the kubelet does. */
  private static final int MOST_HOSTNAME = 63;

  /** What Kubernetes hides (procMount: Default); each is the name of a file in every kernel. */
  private static final List<String> MASKED_PATHS =
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
          "/sys/devices/virtual/powercap");

  private static final List<String> READONLY_PATHS =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private static final NamespaceOption NAMESPACES =
      NamespaceOption.newBuilder()
          .setNetwork(NamespaceMode.POD)
          .setPid(NamespaceMode.CONTAINER)
          .setIpc(NamespaceMode.POD)
          .build();

  private PodRequests() {}

  static PodSandboxConfig sandbox(Pod pod, String uid, PodFolder folder, DNSConfig dns) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder()
                .setName(pod.name())
                .setNamespace(pod.namespace())
                .setUid(uid))
        .setHostname(hostname(pod.name()))
        .setLogDirectory(folder.logs().toString())
        .setDnsConfig(dns)
        .addAllPortMappings(portMappings(pod))
        .putAllLabels(pod.labels())
        .putLabels(POD_NAME, pod.name())
        .putLabels(POD_NAMESPACE, pod.namespace())
        .putLabels(POD_UID, uid)
        .putAllAnnotations(pod.annotations())
        .putAnnotations(PodAnnotations.FOLDER, folder.path().toString())
        .putAnnotations(PodAnnotations.GRACE_SECONDS, Long.toString(pod.gracePeriod().toSeconds()))
        .setLinux(
            LinuxPodSandboxConfig.newBuilder()
                .setSecurityContext(
                    LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(NAMESPACES)))
        .build();
  }

  /**
   * One container.
   *
   * @param imageRef what PullImage or ImageStatus said the image is
   */
  static ContainerConfig container(
      Pod pod, String uid, Pod.Container container, String imageRef, PodFolder folder) {
    Map<String, Pod.Volume> volumes =
        pod.volumes().stream().collect(Collectors.toMap(Pod.Volume::name, Function.identity()));
    ContainerConfig.Builder config =
        ContainerConfig.newBuilder()
            .setMetadata(ContainerMetadata.newBuilder().setName(container.name()))
            .setImage(
                ImageSpec.newBuilder().setImage(imageRef).setUserSpecifiedImage(container.image()))
            .addAllCommand(container.command())
            .addAllArgs(container.args())
            .setWorkingDir(container.workingDir())
            .setLogPath(container.name() + "/0.log")
            .putLabels(POD_NAME, pod.name())
            .putLabels(POD_NAMESPACE, pod.namespace())
            .putLabels(POD_UID, uid)
            .putLabels(CONTAINER_NAME, container.name())
            .setLinux(
                LinuxContainerConfig.newBuilder()
                    .setSecurityContext(
                        LinuxContainerSecurityContext.newBuilder()
                            .setNamespaceOptions(NAMESPACES)
                            .addAllMaskedPaths(MASKED_PATHS)
                            .addAllReadonlyPaths(READONLY_PATHS)));
    for (Pod.Variable variable : container.env()) {
      config.addEnvs(
          KeyValue.newBuilder()
              .setKey(variable.name())
              .setValue(ByteString.copyFromUtf8(variable.value()))
              .build());
    }
    for (Pod.VolumeMount mount : container.mounts()) {
      Pod.Volume volume = volumes.get(mount.volume());
      if (volume == null) {
        throw new IllegalArgumentException("no volume named " + mount.volume());
      }
      config.addMounts(
          Mount.newBuilder()
              .setContainerPath(mount.mountPath())
              .setHostPath(folder.source(volume).toString())
              .setReadonly(mount.readOnly()));
    }
    return config.build();
  }

  private static String hostname(String name) {
    String cut = name.length() > MOST_HOSTNAME ? name.substring(0, MOST_HOSTNAME) : name;
    return cut.replaceAll("[-.]+$", "");
  }

  private static List<PortMapping> portMappings(Pod pod) {
    return pod.containers().stream()
        .flatMap(container -> container.ports().stream())
        .filter(port -> port.hostPort() != 0)
        .map(
            port ->
                PortMapping.newBuilder()
                    .setProtocol(
                        switch (port.protocol()) {
                          case TCP -> Protocol.TCP;
                          case UDP -> Protocol.UDP;
                          case SCTP -> Protocol.SCTP;
                        })
                    .setContainerPort(port.containerPort())
                    .setHostPort(port.hostPort())
                    .setHostIp(port.hostIp())
                    .build())
        .toList();
  }
}
