@NullMarked
package dev.hull.agent.network;

import org.jspecify.annotations.NullMarked;
