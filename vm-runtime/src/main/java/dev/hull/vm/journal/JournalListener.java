package dev.hull.vm.journal;

import dev.hull.vm.MachineId;

/**
 * Is called after each record has become durable, on the thread that wrote it. For tests, which
 * kill the process there.
 */
@FunctionalInterface
public interface JournalListener {
  JournalListener NONE = (machine, record) -> {};

  void written(MachineId machine, JournalRecord record);
}
