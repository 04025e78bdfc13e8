/** What is in an image is what its containers see. */
@NullMarked
package dev.hull.tests.images;

import org.jspecify.annotations.NullMarked;
