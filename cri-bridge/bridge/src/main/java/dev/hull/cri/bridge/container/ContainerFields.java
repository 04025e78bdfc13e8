package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.confinement.Confinement;
import dev.hull.cri.bridge.namespace.Namespaces;
import dev.hull.cri.bridge.namespace.UserNamespaces;
import dev.hull.cri.bridge.resources.ResourceFields;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.LinuxContainerSecurityContext;
import dev.hull.cri.v1.PodSandboxConfig;

/** Refuses what a container asks for and does not get. */
final class ContainerFields {
  private static final String SECURITY = "config.linux.security_context.";
  private static final String RESOURCES = "config.linux.resources.";

  private ContainerFields() {}

  static void check(ContainerConfig config, PodSandboxConfig sandbox) {
    if (config.getMetadata().getName().isEmpty()) {
      throw Refusal.invalid("config.metadata.name must not be empty");
    }
    if (config.getImage().getImage().isEmpty()) {
      throw Refusal.invalid("config.image.image must not be empty");
    }
    if (config.hasWindows()) {
      throw Refusal.field("config.windows", "the guest is Linux; leave it out");
    }
    if (config.getCDIDevicesCount() > 0) {
      throw Refusal.field(
          "config.CDI_devices", "devices of the host do not cross into a machine; leave them out");
    }
    security(config.getLinux().getSecurityContext(), sandbox);
    ResourceFields.check(RESOURCES, config.getLinux().getResources());
  }

  // The deprecated fields are still in the protocol, so callers may still set them.
  @SuppressWarnings("deprecation")
  private static void security(LinuxContainerSecurityContext security, PodSandboxConfig sandbox) {
    if (security.getPrivileged() && !sandbox.getLinux().getSecurityContext().getPrivileged()) {
      throw Refusal.invalid(
          SECURITY
              + "privileged is set, but the sandbox was not made to run privileged containers; set"
              + " it in the sandbox's security_context too");
    }
    Users.check(security);
    Confinement.check(security.getSelinuxOptions());
    Confinement.check(security.getApparmor());
    Confinement.check(security.getApparmorProfile());
    Namespaces.check(security.getNamespaceOptions());
    UserNamespaces.demandOfPod(
        security.getNamespaceOptions(),
        sandbox.getLinux().getSecurityContext().getNamespaceOptions());
  }
}
