@NullMarked
package dev.hull.agent.container;

import org.jspecify.annotations.NullMarked;
