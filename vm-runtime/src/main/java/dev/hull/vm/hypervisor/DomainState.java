package dev.hull.vm.hypervisor;

/**
 * What a domain does.
 *
 * <pre>
 *   start() ──▶ RUNNING ──▶ (gone, told by onStopped)
 *                  └─IO error─▶ PAUSED ─destroy()─▶ (gone)
 * </pre>
 */
public enum DomainState {
  RUNNING,
  /** QEMU is there and the guest stands still, for example because the host's disk is full. */
  PAUSED
}
