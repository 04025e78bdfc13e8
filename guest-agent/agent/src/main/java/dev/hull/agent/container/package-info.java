/**
 * Containers: their root filesystems, cgroups and lives. A container is made of the guest's own
 * means; the processes in it are {@code dev.hull.agent.process}'s.
 */
@NullMarked
package dev.hull.agent.container;

import org.jspecify.annotations.NullMarked;
