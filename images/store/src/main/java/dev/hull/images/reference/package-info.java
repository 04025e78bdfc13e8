/** Names of images, as people write them and as registries want them. */
@NullMarked
package dev.hull.images.reference;

import org.jspecify.annotations.NullMarked;
