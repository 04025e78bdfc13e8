/** A registry and images for tests. */
@NullMarked
package dev.hull.images.fake;

import org.jspecify.annotations.NullMarked;
