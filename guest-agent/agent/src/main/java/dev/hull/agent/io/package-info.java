/** Standard streams of all processes, on one thread, and the line over which output goes. */
@NullMarked
package dev.hull.agent.io;

import org.jspecify.annotations.NullMarked;
