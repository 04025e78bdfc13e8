package dev.hull.agent.process;

import dev.hull.guest.v1.ProcessRef;
import dev.hull.guest.v1.ProcessSpec;

/** Who knows which process a name stands for. All throw gRPC statuses that say what is wrong. */
public interface ProcessDirectory {
  /** A process that was started; NOT_FOUND otherwise. */
  RunningProcess find(ProcessRef ref);

  /** Starts a further process in a running container, and keeps it under this name. */
  RunningProcess exec(ProcessRef ref, ProcessSpec spec);

  /** Lets go of an exec'ed process that has exited. Does nothing if there is none. */
  void forget(ProcessRef ref);
}
