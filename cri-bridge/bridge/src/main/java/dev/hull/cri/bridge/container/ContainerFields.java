package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.resources.ResourceFields;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.LinuxContainerSecurityContext;
import dev.hull.cri.v1.NamespaceMode;
import dev.hull.cri.v1.NamespaceOption;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.SELinuxOption;
import dev.hull.cri.v1.SecurityProfile.ProfileType;
import dev.hull.cri.v1.SupplementalGroupsPolicy;

/**
 * Refuses what a container asks for and does not get. Accepted as they stand: seccomp and AppArmor
 * RuntimeDefault and Unconfined (this runtime's default profile is empty: the machine is the
 * boundary).
 */
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
    if (config.getDevicesCount() > 0) {
      throw Refusal.field(
          "config.devices", "devices of the host do not cross into a machine; leave them out");
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
    if (security.hasRunAsUser() && !security.getRunAsUsername().isEmpty()) {
      throw Refusal.invalid(SECURITY + "run_as_user and run_as_username exclude each other");
    }
    if (security.hasRunAsGroup()
        && !security.hasRunAsUser()
        && security.getRunAsUsername().isEmpty()) {
      throw Refusal.invalid(
          SECURITY + "run_as_group is given without run_as_user or run_as_username; give both");
    }
    if (security.getSupplementalGroupsPolicy() != SupplementalGroupsPolicy.Merge) {
      throw Refusal.field(
          SECURITY + "supplemental_groups_policy",
          security.getSupplementalGroupsPolicy() + " is not supported yet; use Merge");
    }
    if (!security.getSelinuxOptions().equals(SELinuxOption.getDefaultInstance())) {
      throw Refusal.field(
          SECURITY + "selinux_options", "the guest's kernel has no SELinux; leave it out");
    }
    String seccomp = security.getSeccompProfilePath();
    if (security.getSeccomp().getProfileType() == ProfileType.Localhost
        || seccomp.startsWith("localhost/")) {
      throw Refusal.field(
          SECURITY + "seccomp", "Localhost profiles are not supported yet; use RuntimeDefault");
    }
    if (security.getApparmor().getProfileType() == ProfileType.Localhost
        || security.getApparmorProfile().startsWith("localhost/")) {
      throw Refusal.field(
          SECURITY + "apparmor", "the guest's kernel loads no profiles; use RuntimeDefault");
    }
    namespaces(SECURITY + "namespace_options.", security.getNamespaceOptions());
  }

  private static void namespaces(String at, NamespaceOption options) {
    if (options.getNetwork() != NamespaceMode.POD) {
      throw Refusal.field(
          at + "network",
          options.getNetwork() + " is not supported: containers share their machine's; use POD");
    }
    if (options.getPid() != NamespaceMode.POD && options.getPid() != NamespaceMode.CONTAINER) {
      throw Refusal.field(at + "pid", options.getPid() + " is not supported; use POD or CONTAINER");
    }
    if (options.getIpc() != NamespaceMode.POD) {
      throw Refusal.field(at + "ipc", options.getIpc() + " is not supported; use POD");
    }
    if (options.getUsernsOptions().getUidsCount() + options.getUsernsOptions().getGidsCount() > 0) {
      throw Refusal.field(
          at + "userns_options",
          "user namespaces are not supported yet; leave hostUsers out, the machine is the boundary");
    }
  }
}
