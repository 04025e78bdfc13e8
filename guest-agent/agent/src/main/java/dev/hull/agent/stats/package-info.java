/** What containers use, as the guest's cgroups count it. */
@NullMarked
package dev.hull.agent.stats;

import org.jspecify.annotations.NullMarked;
