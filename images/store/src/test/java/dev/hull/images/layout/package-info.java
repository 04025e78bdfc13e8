/** What the layout writer promises. */
@NullMarked
package dev.hull.images.layout;

import org.jspecify.annotations.NullMarked;
