/** The calls of the ImageService. */
@NullMarked
package dev.hull.cri.bridge.image;

import org.jspecify.annotations.NullMarked;
