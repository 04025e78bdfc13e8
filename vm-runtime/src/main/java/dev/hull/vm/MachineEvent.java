package dev.hull.vm;

/** Something that happened without being asked for. */
public sealed interface MachineEvent {
  MachineId machine();

  /** The machine has ended; its containers count as exited. */
  record MachineStopped(MachineId machine, MachineState.Stopped state) implements MachineEvent {}

  record ContainerExited(MachineId machine, String containerId) implements MachineEvent {}
}
