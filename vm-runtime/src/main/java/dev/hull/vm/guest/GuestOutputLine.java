package dev.hull.vm.guest;

import dev.hull.guest.channel.OutputFrame;
import dev.hull.guest.channel.OutputMarker;
import dev.hull.vm.GuestContainer.Output.Chunk;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The host's end of a machine's output line ({@link OutputFrame}): one thread reads what comes and
 * gives it to the flows. No flow holds another up, for a guest has to wait for acknowledgements;
 * one that does not is hostile, as is whatever else it should not say.
 */
final class GuestOutputLine implements AutoCloseable {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final long NANOS = 1_000_000_000;

  /** Far more than a port and its guest can hold of what another host was to get. */
  private static final long MAX_STALE_BYTES = 16 << 20;

  private final SocketChannel channel;
  private final long number;
  private final Map<Integer, OutputFlow> flows = new HashMap<>();

  /** What has to be told to the guest, by flow: a later one says what those before it said. */
  private final Map<Integer, Long> acknowledged = new LinkedHashMap<>();

  /** How many bytes may still come of flows that have been left. */
  private long owed;

  private int lastFlow;
  private boolean over;

  private GuestOutputLine(SocketChannel channel, long number) {
    this.channel = channel;
    this.number = number;
  }

  /**
   * Connects to the Unix socket of the port; the agent's answer is awaited by nobody but the
   * output.
   */
  static GuestOutputLine open(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      GuestOutputLine line = new GuestOutputLine(channel, RANDOM.nextLong());
      line.write(OutputMarker.opening(line.number));
      Thread.ofVirtual().name("guest-output").start(line::receive);
      Thread.ofVirtual().name("guest-output-acknowledged").start(line::acknowledge);
      return line;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** What the agent has to know it by. */
  long number() {
    return number;
  }

  /** A new flow from an offset on; nothing comes before the agent has been asked for it. */
  synchronized OutputFlow flow(long from) {
    if (over) {
      throw lost(new EOFException("it was closed"));
    }
    OutputFlow flow = new OutputFlow(this, ++lastFlow, from);
    flows.put(flow.number(), flow);
    return flow;
  }

  /** Whether nothing goes over it any more. */
  synchronized boolean over() {
    return over;
  }

  /** Nothing comes to it any more. */
  synchronized void leave(OutputFlow flow) {
    if (flows.remove(flow.number()) != null) {
      owed += OutputFrame.WINDOW_BYTES;
    }
  }

  /** Everything of the flow below {@code offset} has been kept safe. Waits for nobody. */
  synchronized void acknowledge(OutputFlow flow, long offset) {
    acknowledged.put(flow.number(), offset);
    notifyAll();
  }

  /** Only this thread waits for a guest that does not read. */
  private void acknowledge() {
    try {
      for (Optional<byte[]> next = nextAcknowledgement();
          next.isPresent();
          next = nextAcknowledgement()) {
        write(next.get());
      }
    } catch (IOException e) {
      end(lost(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Empty when the line is over. */
  private synchronized Optional<byte[]> nextAcknowledgement() throws InterruptedException {
    while (acknowledged.isEmpty() && !over) {
      wait();
    }
    if (over) {
      return Optional.empty();
    }
    Map.Entry<Integer, Long> first = acknowledged.entrySet().iterator().next();
    acknowledged.remove(first.getKey());
    return Optional.of(OutputFrame.acknowledgement(first.getKey(), first.getValue()).encode());
  }

  private void write(byte[] bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      channel.write(left);
    }
  }

  private void receive() {
    try (InputStream in = new BufferedInputStream(Channels.newInputStream(channel), BUFFER_BYTES)) {
      awaitMarker(in);
      while (true) {
        receive(in);
      }
    } catch (IOException e) {
      end(lost(e));
    } catch (MachineException e) {
      end(e);
    }
  }

  private static MachineException lost(IOException e) {
    return new MachineException(
        Kind.UNAVAILABLE, "the machine's output line was lost: " + e.getMessage(), e);
  }

  private void awaitMarker(InputStream in) throws IOException {
    OutputMarker search = new OutputMarker();
    OptionalLong found = OptionalLong.empty();
    for (long came = 0; found.isEmpty() || found.getAsLong() != number; came++) {
      GuestStatus.require(came < MAX_STALE_BYTES, "the output line does not begin");
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the machine closed it");
      }
      found = search.take((byte) next);
    }
  }

  private void receive(InputStream in) throws IOException {
    ByteBuffer head = ByteBuffer.wrap(in.readNBytes(OutputFrame.HEAD_BYTES));
    if (head.remaining() < OutputFrame.HEAD_BYTES) {
      throw new EOFException("the machine closed it");
    }
    OutputFrame frame =
        OutputFrame.decode(head, 0)
            .orElseThrow(() -> GuestStatus.hostile("what is on the output line is no frame"));
    boolean stderr =
        switch (frame.kind()) {
          case STDOUT -> false;
          case STDERR -> true;
          case ACKNOWLEDGEMENT -> throw GuestStatus.hostile("the guest acknowledges output");
        };
    GuestStatus.require(frame.length() > 0, "a piece of output has a wrong size");
    GuestStatus.require(
        frame.offset() >= 0 && frame.timeUnixNanos() >= 0, "an offset or a time is out of range");
    OutputFlow flow;
    synchronized (this) {
      GuestStatus.require(
          frame.flow() > 0 && frame.flow() <= lastFlow, "output comes for nobody who asked for it");
      flow = flows.get(frame.flow());
    }
    if (flow == null) {
      in.skipNBytes(frame.length());
      requireOwed(OutputFrame.HEAD_BYTES + frame.length());
      return;
    }
    byte[] data = in.readNBytes(frame.length());
    if (data.length < frame.length()) {
      throw new EOFException("the machine closed it");
    }
    flow.came(
        new Chunk(
            frame.offset(),
            stderr,
            ByteBuffer.wrap(data).asReadOnlyBuffer(),
            Instant.ofEpochSecond(frame.timeUnixNanos() / NANOS, frame.timeUnixNanos() % NANOS)));
  }

  private synchronized void requireOwed(int bytes) {
    owed -= bytes;
    GuestStatus.require(owed >= 0, "more output comes than anybody has asked for");
  }

  private void end(MachineException why) {
    Map<Integer, OutputFlow> told;
    synchronized (this) {
      over = true;
      notifyAll();
      told = Map.copyOf(flows);
      flows.clear();
    }
    told.values().forEach(flow -> flow.fail(why));
    closeChannel();
  }

  @Override
  public void close() {
    end(lost(new EOFException("it was closed")));
  }

  private void closeChannel() {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing is written any more that could be lost.
    }
  }
}
