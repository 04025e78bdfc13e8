/** What images are made of: descriptors, manifests, configs, and where they come from. */
@NullMarked
package dev.hull.images.content;

import org.jspecify.annotations.NullMarked;
