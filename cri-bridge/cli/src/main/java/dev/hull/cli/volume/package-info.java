/** Volumes as files and folders of the host. */
@NullMarked
package dev.hull.cli.volume;

import org.jspecify.annotations.NullMarked;
