/** Writes OCI image layouts: folders of images, as the OCI image specification has them. */
@NullMarked
package dev.hull.images.layout;

import org.jspecify.annotations.NullMarked;
