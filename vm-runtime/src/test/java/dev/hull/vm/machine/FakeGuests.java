package dev.hull.vm.machine;

import dev.hull.guest.channel.Port;
import dev.hull.vm.guest.FakeAgent;
import dev.hull.vm.guest.FakeOutputLine;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainSpec;
import dev.hull.vm.hypervisor.DomainStopped.Reason;
import dev.hull.vm.hypervisor.FakeHost;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A fake agent in every domain of a fake host. */
final class FakeGuests implements FakeHost.Guest, AutoCloseable {
  private final Map<DomainName, Occupant> occupants = new HashMap<>();

  /** Of the guest protocol; the one that agents speak if they are not told otherwise. */
  static final byte VERSION = 2;

  private @Nullable FakeHost host;
  private volatile boolean silent;
  private volatile boolean stunted;
  private volatile byte version = VERSION;

  private record Occupant(DomainSpec spec, Line line, FakeOutputLine output, FakeAgent agent) {}

  void live(FakeHost in) {
    host = in;
  }

  /** Whether new domains write a last line to their console and never answer. */
  void fallSilent(boolean yes) {
    silent = yes;
  }

  /** Whether new guests take nothing into use that is plugged in. */
  void stunt(boolean yes) {
    stunted = yes;
  }

  /** From now on all guests say that they speak this version of the guest protocol alone. */
  void speak(int only) {
    version = (byte) only;
  }

  synchronized FakeAgent agent(DomainName name) {
    Occupant occupant = occupants.get(name);
    if (occupant == null) {
      throw new IllegalStateException("no agent in " + name);
    }
    return occupant.agent();
  }

  /** The guest writes to its end of the line past its agent, as its root can. */
  void shout(DomainName name, byte[] bytes) {
    Occupant occupant;
    synchronized (this) {
      occupant = occupants.get(name);
    }
    if (occupant == null) {
      throw new IllegalStateException("no guest in " + name);
    }
    occupant.line().write(bytes, 0, bytes.length);
  }

  @Override
  public void serve(DomainSpec spec, SocketChannel channel) throws IOException {
    if (silent) {
      writeConsole(spec.name(), "Kernel panic: no root");
    } else {
      occupant(spec).line().carry(channel);
    }
  }

  @Override
  public void serveOutput(DomainSpec spec, SocketChannel channel) throws IOException {
    occupant(spec).output().serve(channel);
  }

  /** Another domain of the same name has another guest. */
  @SuppressWarnings("ReferenceEquality")
  private synchronized Occupant occupant(DomainSpec spec) throws IOException {
    Occupant known = occupants.get(spec.name());
    if (known != null && known.spec() == spec) {
      return known;
    }
    if (known != null) {
      known.agent().close();
    }
    Line line = new Line();
    FakeOutputLine output = new FakeOutputLine();
    Occupant fresh =
        new Occupant(spec, line, output, new FakeAgent(line, output, () -> powerOff(spec.name())));
    fresh.agent().stunt(stunted);
    occupants.put(spec.name(), fresh);
    return fresh;
  }

  private void writeConsole(DomainName name, String line) {
    FakeHost lived = host;
    if (lived != null) {
      lived.writeConsole(name, line + "\n");
    }
  }

  private void powerOff(DomainName name) {
    FakeHost lived = host;
    if (lived != null) {
      lived.kill(name, Reason.POWERED_OFF, "the guest powered itself off");
    }
  }

  @Override
  public synchronized void close() {
    occupants.values().forEach(occupant -> occupant.agent().close());
    occupants.clear();
  }

  /** The guest's end of the serial line, over whatever connection there is. */
  private final class Line implements Port {
    /** Where a frame of the handshake has its kind, and behind it the versions. */
    private static final int KIND = 12;

    private static final byte WELCOME = 2;

    private @Nullable SocketChannel channel;
    private CountDownLatch over = new CountDownLatch(0);
    private boolean closed;

    /** Returns when the connection is over. */
    void carry(SocketChannel connection) throws IOException {
      CountDownLatch until = new CountDownLatch(1);
      synchronized (this) {
        channel = connection;
        over = until;
        notifyAll();
      }
      try {
        until.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private synchronized @Nullable SocketChannel current() {
      return channel;
    }

    private synchronized void drop() {
      channel = null;
      over.countDown();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      SocketChannel open;
      synchronized (this) {
        while (channel == null && !closed) {
          try {
            wait();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
          }
        }
        open = channel;
      }
      int count = -1;
      try {
        count = open == null ? -1 : open.read(ByteBuffer.wrap(buffer, offset, length));
      } catch (IOException broken) {
        // As good as an end.
      }
      if (count < 0) {
        drop();
      }
      return count;
    }

    @Override
    public void write(byte[] buffer, int offset, int length) {
      SocketChannel open = current();
      if (open == null) {
        return;
      }
      try {
        ByteBuffer bytes = ByteBuffer.wrap(inItsVersion(buffer, offset, length));
        while (bytes.hasRemaining()) {
          open.write(bytes);
        }
      } catch (IOException broken) {
        // What is written while no host is there is lost, as on the real line.
      }
    }

    private byte[] inItsVersion(byte[] buffer, int offset, int length) {
      byte[] bytes = Arrays.copyOfRange(buffer, offset, offset + length);
      if (version != VERSION
          && new String(bytes, StandardCharsets.ISO_8859_1).startsWith("hull-channel")
          && bytes[KIND] == WELCOME) {
        bytes[KIND + 1] = version;
        bytes[KIND + 2] = version;
      }
      return bytes;
    }

    @Override
    public synchronized void close() {
      closed = true;
      over.countDown();
      notifyAll();
    }
  }
}
