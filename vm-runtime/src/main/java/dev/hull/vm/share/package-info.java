/** The folder through which a machine sees its pod's volumes. */
@NullMarked
package dev.hull.vm.share;

import org.jspecify.annotations.NullMarked;
