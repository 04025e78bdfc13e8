package dev.hull.vm.machine;

import dev.hull.vm.PodConnection;
import org.jspecify.annotations.Nullable;

/** A connection into a machine that ends if the agent breaks the protocol. */
record GuardedConnection(LiveMachine machine, PodConnection connection) implements PodConnection {
  @Override
  public byte @Nullable [] read() {
    // In an array, for a supplier's result must not be null.
    byte @Nullable [][] data = new byte @Nullable [1][];
    machine.guarded(
        () -> {
          data[0] = connection.read();
        });
    return data[0];
  }

  @Override
  public void write(byte[] data) {
    machine.guarded(() -> connection.write(data));
  }

  @Override
  public void closeOutput() {
    connection.closeOutput();
  }

  @Override
  public void close() {
    connection.close();
  }
}
