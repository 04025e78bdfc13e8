/** What pods and containers use. */
@NullMarked
package dev.hull.cri.bridge.stats;

import org.jspecify.annotations.NullMarked;
