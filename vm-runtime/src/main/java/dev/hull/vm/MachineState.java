package dev.hull.vm;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;

/**
 * Where a machine is in its life. Each state carries only what exists in it.
 *
 * <pre>
 *   start() ──▶ Running ──stop()──▶ Stopped
 *                  └──died──▶ Stopped
 *
 *   adopted ──▶ Running, or Unmanaged ──stop() or died──▶ Stopped
 * </pre>
 *
 * A machine whose start fails is never seen: everything that it acquired has been released when
 * {@code start} throws.
 */
public sealed interface MachineState {
  /** The agent has answered and the network is up. */
  record Running(Instant since, List<InetAddress> addresses) implements MachineState {
    public Running {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * It was adopted from a process of another release, and runs on as that one left it, but its
   * agent speaks no version of the protocol that this process does. {@code reason} is a sentence.
   */
  record Unmanaged(String reason) implements MachineState {}

  /**
   * No process of the machine is left, and its network and disks have been released. {@code reason}
   * is a sentence; {@code asked} tells a stop from a death.
   */
  record Stopped(Instant at, boolean asked, String reason) implements MachineState {}
}
