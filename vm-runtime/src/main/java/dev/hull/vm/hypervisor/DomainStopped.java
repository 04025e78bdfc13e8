package dev.hull.vm.hypervisor;

/**
 * A domain has ended: no process of it is left.
 *
 * @param detail a clause for a person, for example {@code virtiofsd (pid 4711) died}
 */
public record DomainStopped(DomainName domain, Reason reason, String detail) {
  /** Why it ended. */
  public enum Reason {
    /** The guest powered itself off or rebooted; an agent that dies does that. */
    POWERED_OFF,
    /** {@link Hypervisor#destroy} was called. */
    DESTROYED,
    /** The guest's kernel crashed in a way that QEMU noticed. */
    CRASHED,
    /** QEMU or virtiofsd died or was killed. */
    FAILED
  }
}
