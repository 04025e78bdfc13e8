package dev.hull.tests.bench;

import dev.hull.cri.v1.LinuxContainerSecurityContext;
import dev.hull.cri.v1.LinuxPodSandboxConfig;
import dev.hull.cri.v1.LinuxSandboxSecurityContext;
import dev.hull.cri.v1.NamespaceMode;
import dev.hull.cri.v1.NamespaceOption;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.tests.harness.TestPod;
import java.nio.file.Path;

/**
 * A privileged container that sees all processes of its pod, to measure from inside the guest what
 * the guest alone takes.
 */
final class GuestProbe {
  private GuestProbe() {}

  /** Of a pod that may have one. */
  static PodSandboxConfig sandbox(Path logs) {
    return TestPod.config(logs).toBuilder()
        .setLinux(
            LinuxPodSandboxConfig.newBuilder()
                .setSecurityContext(LinuxSandboxSecurityContext.newBuilder().setPrivileged(true)))
        .build();
  }

  /** Starts an ordinary container whose processes one sees: in the pod's PID namespace. */
  static String visible(TestPod pod, String name, String script) {
    return pod.start(
        pod.create(
            name,
            TestPod.DEBIAN,
            script,
            spec -> {
              spec.getLinuxBuilder()
                  .getSecurityContextBuilder()
                  .getNamespaceOptionsBuilder()
                  .setPid(NamespaceMode.POD);
              return spec;
            }));
  }

  /** Starts one; it lasts as long as the pod. */
  static String start(TestPod pod) {
    return pod.start(
        pod.create(
            "probe",
            TestPod.DEBIAN,
            "exec sleep infinity",
            spec -> {
              spec.getLinuxBuilder()
                  .setSecurityContext(
                      LinuxContainerSecurityContext.newBuilder()
                          .setPrivileged(true)
                          .setNamespaceOptions(
                              NamespaceOption.newBuilder().setPid(NamespaceMode.POD)));
              return spec;
            }));
  }
}
