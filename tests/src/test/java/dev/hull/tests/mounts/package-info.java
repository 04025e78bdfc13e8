/** Containers see the host's folders and images as they were asked for. */
@NullMarked
package dev.hull.tests.mounts;

import org.jspecify.annotations.NullMarked;
