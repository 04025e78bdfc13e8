/** The guest as a whole: what it is, the identity that its pod gives it, its end. */
@NullMarked
package dev.hull.agent.machine;

import org.jspecify.annotations.NullMarked;
