/** The recipe of the guest image: kernel, initramfs, and the root file system with the agent. */
@NullMarked
package dev.hull.guestimage;

import org.jspecify.annotations.NullMarked;
