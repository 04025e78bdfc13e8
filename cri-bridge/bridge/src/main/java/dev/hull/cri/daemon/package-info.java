/** The daemon: composition root, socket, start and stop. */
@NullMarked
package dev.hull.cri.daemon;

import org.jspecify.annotations.NullMarked;
