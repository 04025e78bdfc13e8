/** Which daemon a command talks to: one that is there, or one of its own. */
@NullMarked
package dev.hull.cli.daemon;

import org.jspecify.annotations.NullMarked;
