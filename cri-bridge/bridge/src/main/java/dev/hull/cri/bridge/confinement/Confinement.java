package dev.hull.cri.bridge.confinement;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.SELinuxOption;
import dev.hull.cri.v1.SecurityProfile;
import java.util.Set;

/**
 * Refuses profiles of AppArmor and labels of SELinux that are to confine something, for the guest's
 * kernel knows neither. What is to be unconfined is, and AppArmor's {@code RuntimeDefault} is this
 * runtime's, which has none: the machine is the boundary.
 */
public final class Confinement {
  private static final String FIELD = "config.linux.security_context.";
  private static final Set<String> UNCONFINED_TYPES = Set.of("", "spc_t", "unconfined_t");
  private static final Set<String> UNCONFINED_PROFILES =
      Set.of("", "unconfined", "runtime/default");

  private Confinement() {}

  /** Refuses a label, unless it is that of an unconfined process. */
  public static void check(SELinuxOption options) {
    if (!UNCONFINED_TYPES.contains(options.getType())
        || !(options.getUser() + options.getRole() + options.getLevel()).isEmpty()) {
      throw Refusal.field(
          FIELD + "selinux_options",
          "the guest's kernel has no SELinux; leave it out, or give the type spc_t alone");
    }
  }

  /** Refuses a profile of the host. */
  public static void check(SecurityProfile apparmor) {
    switch (apparmor.getProfileType()) {
      case RuntimeDefault, Unconfined -> {}
      case Localhost -> throw refused("apparmor");
      case UNRECOGNIZED ->
          throw Refusal.invalid(FIELD + "apparmor.profile_type is not one of CRI's");
    }
  }

  /** As {@link #check(SecurityProfile)}, for the deprecated field, which names the profile. */
  public static void check(String apparmor) {
    if (!UNCONFINED_PROFILES.contains(apparmor)) {
      throw refused("apparmor_profile");
    }
  }

  private static Refusal refused(String field) {
    return Refusal.field(
        FIELD + field,
        "the guest's kernel has no AppArmor; use RuntimeDefault or Unconfined, the machine is the"
            + " boundary");
  }
}
