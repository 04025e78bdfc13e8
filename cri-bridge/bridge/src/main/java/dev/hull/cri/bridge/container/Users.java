package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.LinuxContainerSecurityContext;
import dev.hull.cri.v1.SupplementalGroupsPolicy;
import dev.hull.images.Image;
import dev.hull.vm.ContainerSpec.User;

/** Who a container runs as: CRI's user, or else the image's. */
final class Users {
  private static final String FIELD = "config.linux.security_context.";

  private Users() {}

  static User of(LinuxContainerSecurityContext security, Image.Config image) {
    return new User(
        name(security, image),
        security.getSupplementalGroupsList().stream()
            .map(group -> Math.toIntExact(id("supplemental_groups", group)))
            .toList(),
        security.getSupplementalGroupsPolicy() == SupplementalGroupsPolicy.Strict);
  }

  static void check(LinuxContainerSecurityContext security) {
    if (security.hasRunAsUser() && !security.getRunAsUsername().isEmpty()) {
      throw Refusal.invalid(FIELD + "run_as_user and run_as_username exclude each other");
    }
    if (security.hasRunAsGroup()
        && !security.hasRunAsUser()
        && security.getRunAsUsername().isEmpty()) {
      throw Refusal.invalid(
          FIELD + "run_as_group is given without run_as_user or run_as_username; give both");
    }
    if (security.getSupplementalGroupsPolicy() == SupplementalGroupsPolicy.UNRECOGNIZED) {
      throw Refusal.invalid(FIELD + "supplemental_groups_policy must be Merge or Strict");
    }
  }

  private static String name(LinuxContainerSecurityContext security, Image.Config image) {
    String user = security.getRunAsUsername();
    if (security.hasRunAsUser()) {
      user = Long.toString(id("run_as_user", security.getRunAsUser().getValue()));
    }
    if (user.indexOf(':') >= 0) {
      throw Refusal.invalid(FIELD + "run_as_username must be a name alone: " + user);
    }
    if (user.isEmpty()) {
      return image.user();
    }
    return security.hasRunAsGroup()
        ? user + ":" + id("run_as_group", security.getRunAsGroup().getValue())
        : user;
  }

  private static long id(String field, long value) {
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw Refusal.invalid(FIELD + field + " must be from 0 to 2147483647: " + value);
    }
    return value;
  }
}
