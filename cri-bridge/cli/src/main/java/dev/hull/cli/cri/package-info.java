/** The connection to a daemon, and what its errors are in plain words. */
@NullMarked
package dev.hull.cli.cri;

import org.jspecify.annotations.NullMarked;
