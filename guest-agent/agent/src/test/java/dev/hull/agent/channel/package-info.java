@NullMarked
package dev.hull.agent.channel;

import org.jspecify.annotations.NullMarked;
