/** A strict runtime that runs nothing, for tests of whoever speaks CRI. */
@NullMarked
package dev.hull.cli.testing;

import org.jspecify.annotations.NullMarked;
