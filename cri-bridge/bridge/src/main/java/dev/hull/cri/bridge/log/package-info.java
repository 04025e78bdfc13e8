/** Container log files in CRI's format, each byte written once, also across a SIGKILL. */
@NullMarked
package dev.hull.cri.bridge.log;

import org.jspecify.annotations.NullMarked;
