/** What the transcoder promises, seen with erofs-utils, with a reader of our own and with Linux. */
@NullMarked
package dev.hull.images.layer;

import org.jspecify.annotations.NullMarked;
