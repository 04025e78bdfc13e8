package dev.hull.vm.hypervisor;

/** How the guest's instructions are carried out. */
public enum Acceleration {
  /** By the processor's virtualization. */
  KVM,
  /** By QEMU's translator: works everywhere, ten times slower or more. */
  TCG
}
