/** The daemon: composition root, socket, start and stop. */
@NullMarked
package dev.hull.cri.bridge.daemon;

import org.jspecify.annotations.NullMarked;
