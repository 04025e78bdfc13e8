package dev.hull.vm.machine;

import dev.hull.vm.Machine;
import dev.hull.vm.MachineEvent;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.Machines;
import dev.hull.vm.hypervisor.Hypervisor;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Machines that have their hypervisor for themselves, and close it after them. */
record OwningMachines(Machines machines, Hypervisor hypervisor) implements Machines {
  @Override
  public Machine start(MachineSpec spec, byte[] note) {
    return machines.start(spec, note);
  }

  @Override
  public boolean prepare(MachineSize size) {
    return machines.prepare(size);
  }

  @Override
  public void keepSpares(int count, MachineSize size, long scratchBytes) {
    machines.keepSpares(count, size, scratchBytes);
  }

  @Override
  public int spares() {
    return machines.spares();
  }

  @Override
  public Reservation reserve(MachineSize size, long scratchBytes) {
    return machines.reserve(size, scratchBytes);
  }

  @Override
  public List<Machine> list() {
    return machines.list();
  }

  @Override
  public Optional<Machine> find(MachineId id) {
    return machines.find(id);
  }

  @Override
  public void onEvent(Consumer<MachineEvent> listener) {
    machines.onEvent(listener);
  }

  @Override
  public void close() {
    try {
      machines.close();
    } finally {
      hypervisor.close();
    }
  }
}
