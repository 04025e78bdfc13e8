@NullMarked
package dev.hull.agent.machine;

import org.jspecify.annotations.NullMarked;
