/** What the daemon counts about itself. */
@NullMarked
package dev.hull.cri.bridge.prometheus;

import org.jspecify.annotations.NullMarked;
