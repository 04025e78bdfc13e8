package dev.hull.cri.bridge.sandbox;

import com.google.common.net.InetAddresses;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.LinuxPodSandboxStatus;
import dev.hull.cri.v1.Namespace;
import dev.hull.cri.v1.PodIP;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.PodSandboxNetworkStatus;
import dev.hull.cri.v1.PodSandboxStatus;
import dev.hull.vm.MachineState;
import java.util.List;

/** A sandbox as CRI shows it. */
public final class SandboxViews {
  private SandboxViews() {}

  static PodSandbox item(Sandbox sandbox) {
    return PodSandbox.newBuilder()
        .setId(sandbox.id())
        .setMetadata(sandbox.config().getMetadata())
        .setState(sandbox.state())
        .setCreatedAt(sandbox.createdAtNanos())
        .putAllLabels(sandbox.config().getLabelsMap())
        .putAllAnnotations(sandbox.config().getAnnotationsMap())
        .setRuntimeHandler(sandbox.runtimeHandler())
        .build();
  }

  public static PodSandboxStatus status(Sandbox sandbox) {
    return PodSandboxStatus.newBuilder()
        .setId(sandbox.id())
        .setMetadata(sandbox.config().getMetadata())
        .setState(sandbox.state())
        .setCreatedAt(sandbox.createdAtNanos())
        .setNetwork(network(sandbox))
        .setLinux(
            LinuxPodSandboxStatus.newBuilder()
                .setNamespaces(
                    Namespace.newBuilder()
                        .setOptions(
                            sandbox
                                .config()
                                .getLinux()
                                .getSecurityContext()
                                .getNamespaceOptions())))
        .putAllLabels(sandbox.config().getLabelsMap())
        .putAllAnnotations(sandbox.config().getAnnotationsMap())
        .setRuntimeHandler(sandbox.runtimeHandler())
        .build();
  }

  /** Empty once the machine has stopped: its addresses may be another pod's by then. */
  private static PodSandboxNetworkStatus network(Sandbox sandbox) {
    PodSandboxNetworkStatus.Builder network = PodSandboxNetworkStatus.newBuilder();
    if (sandbox.machine().state() instanceof MachineState.Running running) {
      List<String> ips = running.addresses().stream().map(InetAddresses::toAddrString).toList();
      ips.stream().limit(1).forEach(network::setIp);
      ips.stream().skip(1).forEach(ip -> network.addAdditionalIps(PodIP.newBuilder().setIp(ip)));
    }
    return network.build();
  }
}
