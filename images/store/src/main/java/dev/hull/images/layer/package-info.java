/** A layer's tar stream becomes an EROFS image, without a file of it ever existing on the host. */
@NullMarked
package dev.hull.images.layer;

import org.jspecify.annotations.NullMarked;
