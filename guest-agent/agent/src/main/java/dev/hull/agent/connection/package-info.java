/** Connections into the pod, for the host's port-forwarding. */
@NullMarked
package dev.hull.agent.connection;

import org.jspecify.annotations.NullMarked;
