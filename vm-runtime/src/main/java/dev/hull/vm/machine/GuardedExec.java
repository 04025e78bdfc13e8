package dev.hull.vm.machine;

import dev.hull.vm.GuestContainer.Exec;
import dev.hull.vm.GuestContainer.Output;
import java.time.Duration;

/** A process in a machine that ends if the agent breaks the protocol. */
record GuardedExec(LiveMachine machine, Exec exec) implements Exec {
  @Override
  public Output output() {
    return new GuardedOutput(machine, machine.guarded(exec::output));
  }

  @Override
  public void write(byte[] data) {
    machine.guarded(() -> exec.write(data));
  }

  @Override
  public void closeInput() {
    machine.guarded(exec::closeInput);
  }

  @Override
  public void resize(int columns, int rows) {
    machine.guarded(() -> exec.resize(columns, rows));
  }

  @Override
  public void signal(int signal) {
    machine.guarded(() -> exec.signal(signal));
  }

  @Override
  public int await(Duration timeout) {
    return machine.guarded(() -> exec.await(timeout));
  }

  @Override
  public void close() {
    machine.guarded(exec::close);
  }
}
