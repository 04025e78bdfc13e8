package dev.hull.cri.bridge.store;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.PodSandboxState;
import dev.hull.vm.Machine;
import dev.hull.vm.MachineState;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A pod sandbox: what was asked for, and its machine. Whoever makes a container in it holds {@link
 * #membership} shared, whoever removes it holds it alone.
 */
public final class Sandbox {
  private final PodSandboxConfig config;
  private final String runtimeHandler;
  private final long createdAtNanos;
  private final Machine machine;
  private final ReadWriteLock membership = new ReentrantReadWriteLock();

  public Sandbox(
      PodSandboxConfig config, String runtimeHandler, long createdAtNanos, Machine machine) {
    this.config = config;
    this.runtimeHandler = runtimeHandler;
    this.createdAtNanos = createdAtNanos;
    this.machine = machine;
  }

  public String id() {
    return machine.spec().id().value();
  }

  public PodSandboxConfig config() {
    return config;
  }

  public String runtimeHandler() {
    return runtimeHandler;
  }

  /** Nanoseconds since 1970. */
  public long createdAtNanos() {
    return createdAtNanos;
  }

  public Machine machine() {
    return machine;
  }

  /** Whether there is a machine that does what it is asked. */
  public boolean runs() {
    return machine.state() instanceof MachineState.Running;
  }

  /**
   * FAILED_PRECONDITION, with the reason, unless it {@link #runs}.
   *
   * @param doing what cannot be done then, as in {@code create a container in}
   */
  public void demandRunning(String doing) {
    switch (machine.state()) {
      case MachineState.Running _ -> {}
      case MachineState.Unmanaged(String reason) ->
          throw Refusal.state(
              "cannot %s the pod sandbox %s: its machine runs on and can only be stopped: %s"
                  .formatted(doing, id(), reason));
      case MachineState.Stopped _ ->
          throw Refusal.state(
              "cannot %s the pod sandbox %s: it has stopped; run a new one".formatted(doing, id()));
    }
  }

  public PodSandboxState state() {
    return runs() ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
  }

  public ReadWriteLock membership() {
    return membership;
  }
}
