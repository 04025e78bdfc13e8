package dev.hull.vm.machine;

import dev.hull.vm.MachineException;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.journal.History;
import dev.hull.vm.journal.MachineJournal;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives back all that a machine may hold by its journal. This is the one way to do so: for a start
 * that failed, a machine that stopped, and what a killed process has left. Idempotent.
 */
final class Release {
  private final MachineHost host;

  Release(MachineHost host) {
    this.host = host;
  }

  /** All, and the machine's folder: then nobody knows of it any more. */
  void forget(MachineJournal journal) {
    all(journal);
    new MachineFolder(journal.folder()).delete();
    journal.close();
  }

  /**
   * A domain that cannot be ended keeps the rest, which it still uses; anything else that fails
   * does not keep the others. Throws the first failure.
   */
  void all(MachineJournal journal) {
    History history = journal.history();
    MachineFolder folder = new MachineFolder(journal.folder());
    if (history.domainPlanned()) {
      host.hypervisor().destroy(DomainName.of(history.spec().id()));
    }
    List<Runnable> steps = new ArrayList<>();
    steps.add(() -> host.memory().delete(DomainName.of(history.spec().id())));
    steps.add(() -> host.admission().release(DomainName.of(history.spec().id()).value()));
    history
        .networkConfiguration()
        .ifPresent(
            configuration ->
                steps.add(
                    () -> host.network().release(history.spec(), configuration, history.lease())));
    if (history.sharePlanned()) {
      steps.add(folder.share()::destroy);
    }
    steps.add(folder::deleteRunning);
    MachineException failure = null;
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (MachineException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
