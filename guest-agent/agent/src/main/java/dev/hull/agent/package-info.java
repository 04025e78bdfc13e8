/** The agent: the guest's first process. */
@NullMarked
package dev.hull.agent;

import org.jspecify.annotations.NullMarked;
