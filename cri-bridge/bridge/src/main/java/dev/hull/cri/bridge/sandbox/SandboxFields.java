package dev.hull.cri.bridge.sandbox;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.confinement.Confinement;
import dev.hull.cri.bridge.namespace.Namespaces;
import dev.hull.cri.bridge.resources.ResourceFields;
import dev.hull.cri.v1.LinuxPodSandboxConfig;
import dev.hull.cri.v1.LinuxSandboxSecurityContext;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.PodSandboxMetadata;
import java.util.Set;

/**
 * Refuses what a sandbox asks for and does not get. Accepted without effect, because there is
 * nothing for it to act on: the user, groups, root filesystem and seccomp profile of the sandbox's
 * own process (it has none), and its parent cgroup (the machine's size is the limit).
 */
final class SandboxFields {
  private static final String LINUX = "config.linux.";
  private static final String SECURITY = LINUX + "security_context.";

  private SandboxFields() {}

  static void check(PodSandboxConfig config, String runtimeHandler, Set<String> handlers) {
    if (!handlers.contains(runtimeHandler)) {
      throw Refusal.invalid(
          "there is no runtime handler %s; the handlers are %s"
              .formatted(runtimeHandler, String.join(" ", handlers).strip()));
    }
    PodSandboxMetadata metadata = config.getMetadata();
    require("config.metadata.name", metadata.getName());
    require("config.metadata.namespace", metadata.getNamespace());
    require("config.metadata.uid", metadata.getUid());
    if (config.hasWindows()) {
      throw Refusal.field("config.windows", "the guest is Linux; leave it out");
    }
    linux(config.getLinux());
  }

  private static void require(String field, String value) {
    if (value.isEmpty()) {
      throw Refusal.invalid(field + " must not be empty");
    }
  }

  private static void linux(LinuxPodSandboxConfig linux) {
    LinuxSandboxSecurityContext security = linux.getSecurityContext();
    if (security.hasRunAsGroup() && !security.hasRunAsUser()) {
      throw Refusal.invalid(SECURITY + "run_as_group is given without run_as_user; give both");
    }
    Namespaces.check(security.getNamespaceOptions());
    Sysctls.check(linux.getSysctlsMap());
    Confinement.check(security.getSelinuxOptions());
    Confinement.check(security.getApparmor());
    ResourceFields.check(LINUX + "resources.", linux.getResources());
    ResourceFields.check(LINUX + "overhead.", linux.getOverhead());
  }
}
