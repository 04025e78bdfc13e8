/** Nothing is left behind. */
@NullMarked
package dev.hull.tests.leaks;

import org.jspecify.annotations.NullMarked;
