/** The calls about containers, and how CRI's container becomes the machine's. */
@NullMarked
package dev.hull.cri.container;

import org.jspecify.annotations.NullMarked;
