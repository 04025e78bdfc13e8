/** Promises about the shape of the code. */
@NullMarked
package dev.hull.tests.architecture;

import org.jspecify.annotations.NullMarked;
