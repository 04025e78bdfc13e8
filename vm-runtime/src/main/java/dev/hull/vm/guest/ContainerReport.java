package dev.hull.vm.guest;

import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.GuestContainer.User;
import java.util.Optional;

/**
 * What an agent says of a container.
 *
 * @param user who its first process is; empty before it was started
 */
public record ContainerReport(State state, Optional<User> user) {}
