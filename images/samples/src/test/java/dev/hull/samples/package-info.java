/** What the recipe of the samples promises; whole images are made and run by the tests folder. */
@NullMarked
package dev.hull.samples;

import org.jspecify.annotations.NullMarked;
