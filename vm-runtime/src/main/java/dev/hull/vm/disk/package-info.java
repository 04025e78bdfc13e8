/** The files behind a machine's disks: images made of layers, and the scratch disk. */
@NullMarked
package dev.hull.vm.disk;

import org.jspecify.annotations.NullMarked;
