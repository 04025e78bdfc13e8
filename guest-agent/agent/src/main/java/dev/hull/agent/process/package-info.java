/**
 * Processes: how they are launched, reaped and signalled, and what goes through their standard
 * streams. Knows nothing of containers.
 */
@NullMarked
package dev.hull.agent.process;

import org.jspecify.annotations.NullMarked;
