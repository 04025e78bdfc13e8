/** How much pods and containers may use: CRI's limits as the guest's, and how they are changed. */
@NullMarked
package dev.hull.cri.bridge.resources;

import org.jspecify.annotations.NullMarked;
