package dev.hull.vm.share;

import dev.hull.vm.ContainerSpec.Mount.Access;
import dev.hull.vm.UserNamespace;
import java.util.Optional;

/**
 * How a volume is shown in a guest.
 *
 * @param follows whether mounts made in the source later appear too
 * @param users the files' owners on the host are ids in it, and are shown as what it maps them to;
 *     empty to show them as they are
 */
public record View(Access access, boolean follows, Optional<UserNamespace> users) {}
