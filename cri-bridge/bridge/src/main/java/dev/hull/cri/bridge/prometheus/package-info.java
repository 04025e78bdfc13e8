/** What the daemon counts about itself, for Prometheus. */
@NullMarked
package dev.hull.cri.bridge.prometheus;

import org.jspecify.annotations.NullMarked;
