/** Folders of the host of which guests have copies that follow them. */
@NullMarked
package dev.hull.vm.replica;

import org.jspecify.annotations.NullMarked;
