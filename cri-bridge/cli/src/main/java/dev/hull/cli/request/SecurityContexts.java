package dev.hull.cli.request;

import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.ContainerSecurity;
import dev.hull.cli.pod.ContainerSecurity.Profile;
import dev.hull.cli.pod.ContainerSecurity.SeLinux;
import dev.hull.cli.pod.Pod;
import dev.hull.cri.v1.Capability;
import dev.hull.cri.v1.IDMapping;
import dev.hull.cri.v1.Int64Value;
import dev.hull.cri.v1.LinuxContainerSecurityContext;
import dev.hull.cri.v1.LinuxSandboxSecurityContext;
import dev.hull.cri.v1.NamespaceMode;
import dev.hull.cri.v1.NamespaceOption;
import dev.hull.cri.v1.SELinuxOption;
import dev.hull.cri.v1.SecurityProfile;
import dev.hull.cri.v1.SecurityProfile.ProfileType;
import dev.hull.cri.v1.SupplementalGroupsPolicy;
import dev.hull.cri.v1.UserNamespace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What containers may do, as CRI says it. */
final class SecurityContexts {
  private static final ProfileType RUNTIME_DEFAULT = ProfileType.RuntimeDefault;
  private static final ProfileType UNCONFINED = ProfileType.Unconfined;

  /** Where a kubelet looks for profiles by their relative names. */
  private static final Path SECCOMP = Path.of("/var/lib/kubelet/seccomp");

  /** Of each machine's users, for there is one pod in it: as many as the kubelet gives a pod. */
  private static final int MAPPED_IDS = 65_536;

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

  private SecurityContexts() {}

  static LinuxSandboxSecurityContext sandbox(Pod pod) {
    LinuxSandboxSecurityContext.Builder context =
        LinuxSandboxSecurityContext.newBuilder()
            .setNamespaceOptions(namespaces(pod, Optional.empty()))
            .setPrivileged(pod.everyContainer().anyMatch(c -> c.security().privileged()))
            .addAllSupplementalGroups(groups(pod))
            .setSupplementalGroupsPolicy(policy(pod))
            .setSeccomp(SecurityProfile.newBuilder().setProfileType(RUNTIME_DEFAULT));
    if (!pod.security().seLinux().equals(SeLinux.NONE)) {
      context.setSelinuxOptions(seLinux(pod.security().seLinux()));
    }
    return context.build();
  }

  static LinuxContainerSecurityContext container(
      Pod pod, Container container, Optional<String> targetId) {
    ContainerSecurity own = container.security();
    LinuxContainerSecurityContext.Builder context =
        LinuxContainerSecurityContext.newBuilder()
            .setNamespaceOptions(namespaces(pod, targetId))
            .setPrivileged(own.privileged())
            .setReadonlyRootfs(own.readOnlyRoot())
            .setNoNewPrivs(own.allowPrivilegeEscalation().filter(allowed -> !allowed).isPresent())
            .addAllSupplementalGroups(groups(pod))
            .setSupplementalGroupsPolicy(policy(pod))
            .setCapabilities(
                Capability.newBuilder()
                    .addAllAddCapabilities(own.addedCapabilities())
                    .addAllDropCapabilities(own.droppedCapabilities()))
            .setSeccomp(
                own.seccomp()
                    .or(pod.security()::seccomp)
                    .map(asked -> profile(asked, SECCOMP))
                    // Kubernetes' default.
                    .orElseGet(
                        () -> SecurityProfile.newBuilder().setProfileType(UNCONFINED).build()));
    own.appArmor()
        .or(pod.security()::appArmor)
        .ifPresent(asked -> context.setApparmor(profile(asked, Path.of(""))));
    own.user().user().or(pod.security().user()::user).ifPresent(id -> context.setRunAsUser(id(id)));
    own.user()
        .group()
        .or(pod.security().user()::group)
        .ifPresent(id -> context.setRunAsGroup(id(id)));
    SeLinux label = own.seLinux().equals(SeLinux.NONE) ? pod.security().seLinux() : own.seLinux();
    if (!label.equals(SeLinux.NONE)) {
      context.setSelinuxOptions(seLinux(label));
    }
    if (!own.unmaskedProc() && !own.privileged()) {
      context.addAllMaskedPaths(MASKED_PATHS).addAllReadonlyPaths(READONLY_PATHS);
    }
    return context.build();
  }

  private static NamespaceOption namespaces(Pod pod, Optional<String> targetId) {
    NamespaceOption.Builder options =
        NamespaceOption.newBuilder()
            .setNetwork(NamespaceMode.POD)
            .setPid(pod.shareProcesses() ? NamespaceMode.POD : NamespaceMode.CONTAINER)
            .setIpc(NamespaceMode.POD);
    if (targetId.isPresent() && !pod.shareProcesses()) {
      options.setPid(NamespaceMode.TARGET).setTargetId(targetId.get());
    }
    users(pod)
        .ifPresent(
            mapping ->
                options.setUsernsOptions(
                    UserNamespace.newBuilder()
                        .setMode(NamespaceMode.POD)
                        .addUids(mapping)
                        .addGids(mapping)));
    return options.build();
  }

  /** Of users and groups alike, where the pod has its own. */
  static Optional<IDMapping> users(Pod pod) {
    return pod.hostUsers()
        ? Optional.empty()
        : Optional.of(
            IDMapping.newBuilder()
                .setContainerId(0)
                .setHostId(MAPPED_IDS)
                .setLength(MAPPED_IDS)
                .build());
  }

  private static List<Long> groups(Pod pod) {
    List<Long> groups = new ArrayList<>(pod.security().supplementalGroups());
    pod.security().fsGroup().filter(group -> !groups.contains(group)).ifPresent(groups::add);
    return groups;
  }

  private static SupplementalGroupsPolicy policy(Pod pod) {
    return pod.security().strictGroups()
        ? SupplementalGroupsPolicy.Strict
        : SupplementalGroupsPolicy.Merge;
  }

  private static SecurityProfile profile(Profile asked, Path folder) {
    SecurityProfile.Builder profile = SecurityProfile.newBuilder();
    return switch (asked.kind()) {
      case RUNTIME_DEFAULT -> profile.setProfileType(RUNTIME_DEFAULT).build();
      case UNCONFINED -> profile.setProfileType(UNCONFINED).build();
      case LOCALHOST ->
          profile
              .setProfileType(ProfileType.Localhost)
              .setLocalhostRef(folder.resolve(asked.file()).toString())
              .build();
    };
  }

  private static SELinuxOption seLinux(SeLinux label) {
    return SELinuxOption.newBuilder()
        .setUser(label.user())
        .setRole(label.role())
        .setType(label.type())
        .setLevel(label.level())
        .build();
  }

  private static Int64Value id(long id) {
    return Int64Value.newBuilder().setValue(id).build();
  }
}
