/** Machines for real: put together out of domain, network, share, disks, agent and journal. */
@NullMarked
package dev.hull.vm.machine;

import org.jspecify.annotations.NullMarked;
