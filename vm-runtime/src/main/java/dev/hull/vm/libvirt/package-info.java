/**
 * The real hypervisor: libvirt's QEMU driver inside this process. The only package that knows
 * libvirt and JNA; {@link dev.hull.vm.libvirt.LibvirtHypervisor} is its door.
 */
@NullMarked
package dev.hull.vm.libvirt;

import org.jspecify.annotations.NullMarked;
