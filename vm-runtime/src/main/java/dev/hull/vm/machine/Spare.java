package dev.hull.vm.machine;

import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.guest.GuestAgent;
import dev.hull.vm.hypervisor.SizeRange;
import dev.hull.vm.journal.MachineJournal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A machine that stands still and waits for its pod; its agent is connected.
 *
 * @param sizes what it has, and how far it grows when a pod wants more
 */
record Spare(MachineJournal journal, GuestAgent agent, SizeRange sizes) {
  /** What is made, before there is a pod. */
  record Kind(MachineSize size, long scratchBytes) {
    MachineSpec spec(MachineId id) {
      return new MachineSpec(
          id,
          "spare",
          "",
          "",
          "spare",
          size,
          MachineSpec.Dns.NONE,
          List.of(),
          MachineSpec.Bandwidth.UNBOUNDED,
          Map.of(),
          Optional.empty(),
          scratchBytes);
    }

    static Kind of(MachineSpec spec) {
      return new Kind(spec.size(), spec.scratchBytes());
    }
  }

  MachineId id() {
    return journal.history().spec().id();
  }

  Kind kind() {
    return Kind.of(journal.history().spec());
  }

  /**
   * Whether a machine like this would be a copy of the same template.
   *
   * @param of the sizes of the template that it would be a copy of
   */
  boolean serves(Kind wanted, Optional<SizeRange> of) {
    return wanted.scratchBytes() == kind().scratchBytes() && of.equals(Optional.of(sizes));
  }
}
