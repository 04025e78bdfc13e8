/** Makes the images of the demo and of the tests from Debian packages. */
@NullMarked
package dev.hull.samples;

import org.jspecify.annotations.NullMarked;
