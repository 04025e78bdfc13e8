package dev.hull.cli.pod;

import dev.hull.cli.pod.ContainerSecurity.Profile;
import dev.hull.cli.pod.ContainerSecurity.SeLinux;
import dev.hull.cli.pod.ContainerSecurity.User;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What all containers of a pod may do, unless they say otherwise.
 *
 * @param fsGroup the group that owns the volumes
 * @param fsGroupOnMismatch whether volumes whose root is right already are left as they are
 * @param strictGroups whether the image's own supplementary groups are left out
 */
public record PodSecurity(
    User user,
    Optional<Boolean> runAsNonRoot,
    Optional<Long> fsGroup,
    boolean fsGroupOnMismatch,
    List<Long> supplementalGroups,
    boolean strictGroups,
    Map<String, String> sysctls,
    Optional<Profile> seccomp,
    Optional<Profile> appArmor,
    SeLinux seLinux) {
  public PodSecurity {
    supplementalGroups = List.copyOf(supplementalGroups);
    sysctls = Map.copyOf(sysctls);
  }
}
