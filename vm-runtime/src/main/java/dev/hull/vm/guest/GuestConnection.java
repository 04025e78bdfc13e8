package dev.hull.vm.guest;

import dev.hull.guest.channel.AgentTransport;
import dev.hull.guest.channel.HandshakeException;
import dev.hull.guest.channel.HostChannel;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.hypervisor.DomainSpec;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The way to one agent: a connection that is made anew when it was lost. The agent keeps what
 * happened in between.
 */
final class GuestConnection implements AutoCloseable {
  // The agent is there; only a connection has to be made. Emulated machines are slow.
  private static final Duration RECONNECT = Duration.ofSeconds(20);

  private final DomainSpec.Ports ports;
  private final Executor executor;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable ManagedChannel channel;

  /** Made when it is wanted: not every machine says something. */
  private @Nullable GuestOutputLine output;

  private boolean closed;

  GuestConnection(DomainSpec.Ports ports, Executor executor) {
    this.ports = ports;
    this.executor = executor;
  }

  /**
   * Blocks until the agent has answered the handshake. UNAVAILABLE if it does not in time,
   * WRONG_STATE if it speaks another version of the protocol.
   */
  void open(HostChannel.Guest guest, Duration deadline) {
    lock.lock();
    try {
      if (closed) {
        throw closed();
      }
      drop();
      Socket connected = HostChannel.open(ports.agent(), guest, deadline);
      channel = AgentTransport.client(connected).executor(executor).build();
    } catch (HandshakeException e) {
      Kind kind =
          switch (e.reason()) {
            case SILENCE -> Kind.UNAVAILABLE;
            case VERSION -> Kind.WRONG_STATE;
          };
      throw new MachineException(kind, "cannot reach the agent: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new MachineException(Kind.UNAVAILABLE, "cannot reach the agent: " + e.getMessage(), e);
    } finally {
      lock.unlock();
    }
  }

  /** The channel to call on; reconnects first if there is none. */
  ManagedChannel channel() {
    lock.lock();
    try {
      if (channel == null) {
        open(HostChannel.Guest.KNOWN, RECONNECT);
      }
      ManagedChannel open = channel;
      if (open == null) {
        throw new MachineException(Kind.UNAVAILABLE, "the connection to the agent was lost");
      }
      return open;
    } finally {
      lock.unlock();
    }
  }

  /** The output line; connects first if there is none. UNAVAILABLE if that fails. */
  GuestOutputLine outputLine() {
    lock.lock();
    try {
      GuestOutputLine open = output;
      if (closed) {
        throw closed();
      }
      if (open == null || open.over()) {
        open = GuestOutputLine.open(ports.output());
        output = open;
      }
      return open;
    } catch (IOException e) {
      throw new MachineException(
          Kind.UNAVAILABLE, "cannot reach the machine's output line: " + e.getMessage(), e);
    } finally {
      lock.unlock();
    }
  }

  private static MachineException closed() {
    return new MachineException(
        Kind.UNAVAILABLE, "the connection to the agent was closed; its machine ends");
  }

  /** A call on {@code failed} found the connection lost; the next one makes another. */
  void lost(ManagedChannel failed) {
    lock.lock();
    try {
      if (failed.equals(channel)) {
        drop();
      }
    } finally {
      lock.unlock();
    }
  }

  private void drop() {
    ManagedChannel old = channel;
    channel = null;
    if (old != null) {
      old.shutdownNow();
    }
    GuestOutputLine line = output;
    output = null;
    if (line != null) {
      line.close();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      drop();
    } finally {
      lock.unlock();
    }
  }
}
