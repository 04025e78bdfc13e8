/** The calls about containers, and how CRI's container becomes the machine's. */
@NullMarked
package dev.hull.cri.bridge.container;

import org.jspecify.annotations.NullMarked;
