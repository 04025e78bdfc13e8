package dev.hull.vm.machine;

import dev.hull.vm.MachineSize;
import dev.hull.vm.guest.GuestAgent;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.SizeRange;
import dev.hull.vm.journal.JournalRecord;
import dev.hull.vm.journal.MachineJournal;

/**
 * A domain's way to a larger size: admitted, plugged in by the hypervisor, taken into use by the
 * guest. Each step does nothing where it has been taken, so that all may be taken again.
 *
 * @param sizes what the domain started with, and how far it grows
 * @param wanted at least so much
 */
record MachineGrowth(MachineHost host, DomainName name, SizeRange sizes, MachineSize wanted) {

  /** What the machine gets: vCPUs and memory come in steps, and none go. */
  MachineSize size() {
    return sizes.atLeast(wanted);
  }

  boolean isNeeded() {
    return !size().equals(sizes.least());
  }

  /** Says what the machine has, if that is not what its specification says. */
  void record(MachineJournal journal) {
    if (!size().equals(journal.history().spec().size())) {
      journal.append(new JournalRecord.Resized(wanted, size()));
    }
  }

  /** EXHAUSTED if the host has no room for it. */
  void admit() {
    host.admission().resize(name.value(), wanted, size());
  }

  /** The domain may stand still. */
  void plug() {
    host.hypervisor().grow(name, size());
  }

  /** Returns when the guest has all of it. */
  void takeUp(GuestAgent agent) {
    agent.grow(sizes.least(), size());
  }
}
