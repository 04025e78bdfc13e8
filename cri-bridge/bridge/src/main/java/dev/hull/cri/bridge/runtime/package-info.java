/** The calls about the runtime itself. */
@NullMarked
package dev.hull.cri.bridge.runtime;

import org.jspecify.annotations.NullMarked;
