/** The calls about the runtime itself. */
@NullMarked
package dev.hull.cri.runtime;

import org.jspecify.annotations.NullMarked;
