/** OCI image layouts on this machine: a folder, or a tar file of one. */
@NullMarked
package dev.hull.images.archive;

import org.jspecify.annotations.NullMarked;
