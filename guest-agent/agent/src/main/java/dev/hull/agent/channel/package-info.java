/** The guest's end of the serial line to the host. */
@NullMarked
package dev.hull.agent.channel;

import org.jspecify.annotations.NullMarked;
