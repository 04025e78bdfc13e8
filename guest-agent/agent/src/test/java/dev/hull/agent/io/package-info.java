@NullMarked
package dev.hull.agent.io;

import org.jspecify.annotations.NullMarked;
