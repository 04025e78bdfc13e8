/** Whether the host has room for one more machine. */
@NullMarked
package dev.hull.vm.capacity;

import org.jspecify.annotations.NullMarked;
