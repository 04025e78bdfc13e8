/** The system calls of the agent: small interfaces, and one native implementation of each. */
@NullMarked
package dev.hull.agent.linux;

import org.jspecify.annotations.NullMarked;
