package dev.hull.vm.hypervisor;

/** A process on the host that belongs to a domain. */
public record DomainProcess(Role role, long pid) {
  /** What it is there for. */
  public enum Role {
    QEMU,
    VIRTIOFSD
  }
}
