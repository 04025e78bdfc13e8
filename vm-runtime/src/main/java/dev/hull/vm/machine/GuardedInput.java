package dev.hull.vm.machine;

import dev.hull.vm.GuestContainer.Input;

/** Input of a machine that ends if the agent breaks the protocol. */
record GuardedInput(LiveMachine machine, Input input) implements Input {
  @Override
  public void write(byte[] data) {
    machine.guarded(() -> input.write(data));
  }

  @Override
  public void closeInput() {
    machine.guarded(input::closeInput);
  }

  @Override
  public void resize(int columns, int rows) {
    machine.guarded(() -> input.resize(columns, rows));
  }
}
