package dev.hull.vm.machine;

import dev.hull.vm.GuestContainer.Output;
import org.jspecify.annotations.Nullable;

/** Output of a machine that ends if the output breaks the protocol. */
record GuardedOutput(LiveMachine machine, Output output) implements Output {
  @Override
  public @Nullable Chunk next() {
    // In an array, for a supplier's result must not be null.
    @Nullable Chunk[] chunk = new Chunk[1];
    machine.guarded(
        () -> {
          chunk[0] = output.next();
          return true;
        });
    return chunk[0];
  }

  @Override
  public void acknowledge(long offset) {
    output.acknowledge(offset);
  }

  @Override
  public void close() {
    output.close();
  }
}
