/** The pods and containers that CRI knows: what was asked for, beside the machine that runs it. */
@NullMarked
package dev.hull.cri.bridge.store;

import org.jspecify.annotations.NullMarked;
