/** What happens to pods and containers, told to whoever wants to know. */
@NullMarked
package dev.hull.cri.bridge.events;

import org.jspecify.annotations.NullMarked;
