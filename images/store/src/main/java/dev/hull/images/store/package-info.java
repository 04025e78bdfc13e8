/** The images of one folder: committed whole, shared, pinned, removed. */
@NullMarked
package dev.hull.images.store;

import org.jspecify.annotations.NullMarked;
