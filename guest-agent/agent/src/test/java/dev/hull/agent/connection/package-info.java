@NullMarked
package dev.hull.agent.connection;

import org.jspecify.annotations.NullMarked;
