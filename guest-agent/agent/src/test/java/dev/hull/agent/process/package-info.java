@NullMarked
package dev.hull.agent.process;

import org.jspecify.annotations.NullMarked;
