/** Whether the host's virtualization can be used: found out by booting, once per host boot. */
@NullMarked
package dev.hull.vm.acceleration;

import org.jspecify.annotations.NullMarked;
