/** The command {@code hull}. */
@NullMarked
package dev.hull.cli;

import org.jspecify.annotations.NullMarked;
