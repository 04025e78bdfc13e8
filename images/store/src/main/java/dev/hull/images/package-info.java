/**
 * Images: pulled or loaded, verified, and kept as EROFS layers. The interface that the CRI bridge
 * builds on.
 */
@NullMarked
package dev.hull.images;

import org.jspecify.annotations.NullMarked;
