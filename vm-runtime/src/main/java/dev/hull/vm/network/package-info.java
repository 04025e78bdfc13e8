/**
 * A pod's network: CNI plugins, a namespace for each pod, and the tap that leads into its guest.
 */
@NullMarked
package dev.hull.vm.network;

import org.jspecify.annotations.NullMarked;
