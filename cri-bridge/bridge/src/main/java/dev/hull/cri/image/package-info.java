/** The calls of the ImageService. */
@NullMarked
package dev.hull.cri.image;

import org.jspecify.annotations.NullMarked;
