package dev.hull.vm.libvirt;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainProcess;
import java.time.Duration;
import java.util.List;

/** The end of a domain, also of one that libvirt has lost track of. */
final class DomainEnd {
  static final Duration DEADLINE = Duration.ofSeconds(30);

  private final Driver driver;
  private final DriverFolder folder;
  private final ProcessWatch processes;

  DomainEnd(Driver driver, DriverFolder folder, ProcessWatch processes) {
    this.driver = driver;
    this.folder = folder;
    this.processes = processes;
  }

  /** Returns when nothing of it is left. DEADLINE if a process does not go. */
  void bring(DomainName name) {
    List<DomainProcess> before = folder.processes(name);
    Deadline deadline = new Deadline(DEADLINE);
    while (!destroyed(name) && before.stream().anyMatch(this::isAlive)) {
      if (deadline.isOver()) {
        throw new MachineException(
            Kind.DEADLINE,
            "cannot destroy domain %s: %s is still there after %d s"
                .formatted(name, before, DEADLINE.toSeconds()));
      }
      deadline.pause();
    }
    bury(name, before);
    folder.forget(name);
  }

  /** False if libvirt does not know the domain, or not yet. */
  private boolean destroyed(DomainName name) {
    try {
      return driver
          .find(
              name,
              "destroy domain",
              DEADLINE,
              domain -> {
                domain.destroy();
                return true;
              })
          .isPresent();
    } catch (MachineException e) {
      // It has ended by itself between the look-up and the call, or is just ending.
      if (e.kind() == Kind.NOT_FOUND || e.kind() == Kind.WRONG_STATE) {
        return false;
      }
      throw e;
    }
  }

  /** Waits for processes that libvirt has ended, and kills those that it has lost track of. */
  private void bury(DomainName name, List<DomainProcess> dying) {
    Deadline polite = new Deadline(Duration.ofSeconds(3));
    Deadline last = new Deadline(Duration.ofSeconds(8));
    while (dying.stream().anyMatch(this::isAlive)) {
      if (last.isOver()) {
        throw new MachineException(
            Kind.DEADLINE,
            "cannot end %s of domain %s; see what they wait for".formatted(dying, name));
      }
      if (polite.isOver()) {
        dying.stream()
            .filter(this::isAlive)
            .forEach(
                process ->
                    ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly));
      }
      last.pause();
    }
  }

  private boolean isAlive(DomainProcess process) {
    return processes.isRunning(process.pid());
  }
}
