package dev.hull.vm.replica;

/**
 * Where a copy of an {@link AtomicFolder} is kept. Both methods block, are idempotent, and throw
 * {@link dev.hull.vm.MachineException}.
 */
public interface ReplicaTarget {
  /** Copies the content that the folder has under this name. Nobody sees it yet. */
  void stage(String data);

  /** Shows, all at once, what was staged under this name. */
  void publish(String data);
}
