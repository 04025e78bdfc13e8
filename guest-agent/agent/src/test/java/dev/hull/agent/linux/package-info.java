@NullMarked
package dev.hull.agent.linux;

import org.jspecify.annotations.NullMarked;
