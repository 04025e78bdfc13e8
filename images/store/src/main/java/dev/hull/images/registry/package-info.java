/** The client of the OCI distribution protocol. */
@NullMarked
package dev.hull.images.registry;

import org.jspecify.annotations.NullMarked;
