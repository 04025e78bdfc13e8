/** The calls about pod sandboxes. */
@NullMarked
package dev.hull.cri.bridge.sandbox;

import org.jspecify.annotations.NullMarked;
