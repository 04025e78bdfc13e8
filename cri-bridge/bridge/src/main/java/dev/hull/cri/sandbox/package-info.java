/** The calls about pod sandboxes. */
@NullMarked
package dev.hull.cri.sandbox;

import org.jspecify.annotations.NullMarked;
