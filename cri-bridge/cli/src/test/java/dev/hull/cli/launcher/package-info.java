/** Promises of the launcher {@code ./hull}, kept in a made-up environment. */
@NullMarked
package dev.hull.cli.launcher;

import org.jspecify.annotations.NullMarked;
