/** The pod's user namespace: which ids of the guest its containers' are. */
@NullMarked
package dev.hull.agent.users;

import org.jspecify.annotations.NullMarked;
