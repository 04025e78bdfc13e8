package dev.hull.agent.io;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.LinuxException;
import dev.hull.agent.linux.Transfers;
import dev.hull.guest.channel.OutputFrame;
import dev.hull.guest.channel.OutputMarker;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The guest's end of the output line: sends what processes have said to those of the host who read
 * it, in turns, and takes their acknowledgements. What is not sent or not acknowledged when a host
 * goes away waits for the next one. It belongs to the loop's thread; what others may call says so.
 *
 * <p>While no host is there, poll(2) has the hang-up to tell and never waits: then it is not the
 * port that is watched but whether anything about it has changed. Nothing else follows from a
 * hang-up: Linux hears of a host's coming on another queue than of its bytes, so that the first
 * bytes of a connection may come before the port has one. What ends a connection is the next one's
 * marker.
 */
public final class OutputLine implements IoLoop.Watched {
  /** Room for some acknowledgements. */
  private static final int IN_BYTES = 4096;

  private static final int MARKER_BYTES = 2 * OutputFrame.HEAD_BYTES;
  private static final String BROKEN = "the output line is broken";

  private final Descriptors descriptors;
  private final Transfers transfers;
  private final IoLoop loop;
  private final int port;
  private final int watch;
  private final OutputRings rings;
  private final OutputMarker search = new OutputMarker();
  private final MemorySegment inMemory;
  private final ByteBuffer in;
  private final MemorySegment markerMemory;
  private int filled;
  private int markerSent = MARKER_BYTES;

  /** The number of the last connection that began as it should; empty if there was none. */
  private OptionalLong line = OptionalLong.empty();

  /** Those of this connection by number, also when all has been sent, for the acknowledgements. */
  private final Map<Integer, OutputFlow> flows = new HashMap<>();

  /** The same, in the order in which they have their turns. */
  private final List<OutputFlow> turns = new ArrayList<>();

  /** Those whose connection has not begun yet, or whose output is in the middle of a frame. */
  private final List<OutputFlow> waiting = new ArrayList<>();

  private boolean hostLeft;

  /** Whether the port had no room. */
  private boolean blocked;

  private boolean broken;

  /** Of whose frame only a part has been sent; it need not be read any more. */
  private @Nullable OutputFlow inFrame;

  /**
   * Creates it, on any thread. {@link IoLoop#watch} begins it.
   *
   * @param port a descriptor that does not block
   */
  public OutputLine(Descriptors descriptors, Transfers transfers, IoLoop loop, int port) {
    this.descriptors = descriptors;
    this.transfers = transfers;
    this.loop = loop;
    this.port = port;
    this.watch = descriptors.watch(port);
    this.rings = new OutputRings(transfers);
    this.inMemory = transfers.map(IN_BYTES);
    this.in = inMemory.asByteBuffer();
    this.markerMemory = transfers.map(MARKER_BYTES);
  }

  /** Begins a flow as soon as its connection has. On any thread. */
  public void begin(OutputFlow flow) {
    loop.execute(
        () -> {
          if (broken) {
            flow.fail(BROKEN);
            return;
          }
          waiting.add(flow);
          admit();
          pump();
        });
  }

  /** Nobody wants it any more. On any thread. */
  public void leave(OutputFlow flow) {
    loop.execute(
        () -> {
          waiting.remove(flow);
          remove(flow);
        });
  }

  /** The process is forgotten, and its output with it. On any thread. */
  public void forget(ProcessOutput output) {
    loop.execute(
        () -> {
          output.drop();
          for (OutputFlow flow : List.copyOf(waiting)) {
            if (flow.output().equals(output)) {
              waiting.remove(flow);
              flow.forget();
            }
          }
        });
  }

  /** It gets nothing more, and acknowledges nothing. */
  void remove(OutputFlow flow) {
    flows.remove(flow.number(), flow);
    turns.remove(flow);
    flow.output().left(flow);
  }

  OutputRings rings() {
    return rings;
  }

  @Override
  public int fd() {
    return hostLeft ? watch : port;
  }

  @Override
  public short events() {
    return blocked && !hostLeft ? Descriptors.POLL_IN | Descriptors.POLL_OUT : Descriptors.POLL_IN;
  }

  @Override
  public boolean open() {
    return !broken;
  }

  @Override
  public void ready() {
    try {
      if (hostLeft) {
        descriptors.awaitChange(watch, 0);
      }
      receive();
    } catch (LinuxException e) {
      fail(e);
    }
    pump();
  }

  /** No host will get output any more; what processes say waits, and then they do. */
  private void fail(LinuxException e) {
    broken = true;
    line = OptionalLong.empty();
    System.err.println("io: " + BROKEN + ": " + e.getMessage());
    List<OutputFlow> told = new ArrayList<>(flows.values());
    told.addAll(waiting);
    waiting.clear();
    for (OutputFlow flow : told) {
      remove(flow);
      flow.fail(BROKEN);
    }
  }

  private void receive() {
    while (true) {
      int count = transfers.read(port, inMemory, filled, IN_BYTES - filled);
      hostLeft = count == 0;
      if (hostLeft || count == Transfers.WOULD_BLOCK) {
        return;
      }
      filled += count;
      in.limit(filled).position(0);
      while (line.isEmpty() ? searchMarker() : takeFrame()) {}
      in.compact();
      filled = in.position();
    }
  }

  /** False when all has been searched. */
  private boolean searchMarker() {
    while (in.hasRemaining()) {
      OptionalLong found = search.take(in.get());
      if (found.isPresent()) {
        connected(found.getAsLong());
        return true;
      }
    }
    return false;
  }

  /** False when there is none as a whole. */
  private boolean takeFrame() {
    if (in.remaining() < OutputFrame.HEAD_BYTES) {
      return false;
    }
    Optional<OutputFrame> frame = OutputFrame.decode(in, in.position());
    if (frame.isEmpty()
        || frame.get().kind() != OutputFrame.Kind.ACKNOWLEDGEMENT
        || frame.get().length() != 0) {
      // Another host's beginning may be in these bytes.
      line = OptionalLong.empty();
      return true;
    }
    in.position(in.position() + OutputFrame.HEAD_BYTES);
    OutputFlow flow = flows.get(frame.get().flow());
    if (flow != null) {
      flow.output().acknowledge(frame.get().offset());
    }
    return true;
  }

  private void connected(long number) {
    line = OptionalLong.of(number);
    List.copyOf(flows.values()).forEach(this::remove);
    inFrame = null;
    // With zeros before it: the host may be in the middle of what looks like another one.
    markerMemory.copyFrom(MemorySegment.ofArray(OutputMarker.opening(number)));
    markerSent = 0;
    admit();
  }

  private void admit() {
    for (OutputFlow flow : List.copyOf(waiting)) {
      if (line.isPresent() && line.getAsLong() == flow.line() && !isSending(flow.output())) {
        waiting.remove(flow);
        flows.put(flow.number(), flow);
        turns.add(flow);
        if (!flow.output().readBy(flow)) {
          remove(flow);
        }
      }
    }
  }

  /** Whether it is in the middle of a frame. */
  boolean isSending(ProcessOutput output) {
    return inFrame != null && inFrame.output().equals(output);
  }

  /** Sends what there is, as far as the port takes it; {@link #ready} goes on. */
  void pump() {
    try {
      blocked = line.isPresent() && !send();
    } catch (LinuxException e) {
      fail(e);
    }
  }

  /** False if the port has no room for what there is. */
  private boolean send() {
    if (!sendMarker()) {
      return false;
    }
    for (OutputFlow turn = nextTurn(); turn != null; turn = nextTurn()) {
      ProcessOutput output = turn.output();
      boolean room = output.send(port, othersWaitFor(turn));
      inFrame = output.inFrame() ? turn : null;
      if (inFrame == null) {
        if (turns.remove(turn)) {
          turns.add(turn);
        }
        admit();
      }
      output.settle();
      if (!room) {
        return false;
      }
    }
    return true;
  }

  private boolean othersWaitFor(OutputFlow turn) {
    if (!waiting.isEmpty() || !turns.contains(turn)) {
      return true;
    }
    for (OutputFlow flow : turns) {
      if (!flow.equals(turn) && flow.output().waits()) {
        return true;
      }
    }
    return false;
  }

  private boolean sendMarker() {
    while (markerSent < MARKER_BYTES) {
      int count = transfers.write(port, markerMemory, markerSent, MARKER_BYTES - markerSent);
      if (count == Transfers.WOULD_BLOCK) {
        return false;
      }
      markerSent += count;
    }
    return true;
  }

  private @Nullable OutputFlow nextTurn() {
    if (inFrame != null) {
      return inFrame;
    }
    for (OutputFlow flow : turns) {
      if (flow.output().waits()) {
        return flow;
      }
    }
    return null;
  }
}
