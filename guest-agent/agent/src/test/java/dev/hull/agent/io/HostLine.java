package dev.hull.agent.io;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.Libc;
import dev.hull.agent.linux.Linux;
import dev.hull.guest.channel.OutputFrame;
import dev.hull.guest.channel.OutputMarker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The host's end of an output line, over a pair of sockets: connected, and read by a thread. */
public final class HostLine implements AutoCloseable {
  private static final long SOCKETPAIR = 53;
  private static final int UNIX = 1;
  private static final int STREAM = 1;
  private static final int CLOEXEC = 0x80000;
  private static final long FCNTL = 72;
  private static final int SET_FLAGS = 4;

  private final Descriptors descriptors;
  private final int agentEnd;
  private final int hostEnd;
  private final AtomicInteger flows = new AtomicInteger();
  private final AtomicLong lines = new AtomicLong();
  private final Map<Integer, Reader> readers = new ConcurrentHashMap<>();
  private volatile boolean closed;
  private volatile boolean deaf;

  /** A piece of output, a character a byte. */
  public record Piece(OutputFrame.Kind stream, long offset, String text) {
    public long end() {
      return offset + text.length();
    }
  }

  public HostLine(Libc libc, Linux linux) {
    this.descriptors = linux.descriptors();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(JAVA_INT, 2);
      libc.syscall("socketpair", "", SOCKETPAIR, UNIX, STREAM | CLOEXEC, 0, ends.address());
      agentEnd = ends.getAtIndex(JAVA_INT, 0);
      hostEnd = ends.getAtIndex(JAVA_INT, 1);
    }
    libc.syscall("fcntl", "the agent's end", FCNTL, agentEnd, SET_FLAGS, Descriptors.NON_BLOCKING);
    connect();
    Thread.ofPlatform().daemon().name("host-line").start(this::receive);
  }

  public int agentEnd() {
    return agentEnd;
  }

  /** As a host that comes after another: nothing that was sent before reaches a reader. */
  public void connect() {
    readers.clear();
    send(OutputMarker.opening(lines.incrementAndGet()));
  }

  /** Writes what a host that dies has written of an acknowledgement. */
  void breakOff(long offset, int bytes) {
    byte[] whole = OutputFrame.acknowledgement(flows.get(), offset).encode();
    descriptors.write(hostEnd, whole, 0, bytes);
  }

  /** From now on it reads nothing, or goes on. */
  void deafen(boolean yes) {
    deaf = yes;
  }

  private void send(byte[] bytes) {
    descriptors.write(hostEnd, bytes, 0, bytes.length);
  }

  /** Reads an output from an offset on. */
  public Reader read(OutputLine line, ProcessOutput output, long from) {
    Reader reader = new Reader(flows.incrementAndGet());
    readers.put(reader.number, reader);
    reader.flow = new OutputFlow(output, lines.get(), reader.number, from, reader);
    line.begin(reader.flow);
    return reader;
  }

  private void receive() {
    OutputMarker search = new OutputMarker();
    ByteBuffer head = ByteBuffer.allocate(OutputFrame.HEAD_BYTES);
    ByteBuffer data = ByteBuffer.allocate(0);
    boolean connected = false;
    byte[] bytes = new byte[OutputFrame.MAX_DATA_BYTES];
    while (!closed) {
      int count = read(bytes);
      for (int i = 0; i < count; i++) {
        OptionalLong marker = search.take(bytes[i]);
        if (marker.isPresent()) {
          // What was begun is of another connection.
          connected = marker.getAsLong() == lines.get();
          head.clear();
          data = ByteBuffer.allocate(0);
        } else if (connected) {
          (head.hasRemaining() ? head : data).put(bytes[i]);
          if (!head.hasRemaining() && data.capacity() == 0) {
            data = ByteBuffer.allocate(frame(head).map(OutputFrame::length).orElse(1));
          }
          if (!head.hasRemaining() && !data.hasRemaining()) {
            deliver(head, data.array());
            head.clear();
            data = ByteBuffer.allocate(0);
          }
        }
      }
    }
  }

  private static Optional<OutputFrame> frame(ByteBuffer head) {
    return OutputFrame.decode(head, 0);
  }

  private void deliver(ByteBuffer head, byte[] data) {
    // What is no frame belongs to a marker that is about to be found.
    frame(head)
        .ifPresent(
            frame -> {
              Reader reader = readers.get(frame.flow());
              if (reader != null) {
                reader.came(
                    new Piece(
                        frame.kind(),
                        frame.offset(),
                        new String(data, StandardCharsets.ISO_8859_1)));
              }
            });
  }

  private int read(byte[] bytes) {
    if (deaf) {
      Thread.onSpinWait();
      return 0;
    }
    short ready = descriptors.poll(new int[] {hostEnd}, new short[] {Descriptors.POLL_IN}, 100)[0];
    return ready == 0 ? 0 : descriptors.read(hostEnd, bytes, 0, bytes.length);
  }

  @Override
  public void close() {
    closed = true;
  }

  /** One caller. */
  public final class Reader implements OutputFlow.Listener {
    private final int number;
    private final Queue<Piece> pieces = new ArrayDeque<>();
    private OutputFlow flow;
    private long received;
    private long end = -1;
    private long polled;
    private String failure = "";

    @SuppressWarnings("NullAway.Init") // set before anybody sees it
    private Reader(int number) {
      this.number = number;
    }

    private synchronized void came(Piece piece) {
      pieces.add(piece);
      received += piece.text().length();
    }

    /** How many bytes have come. */
    public synchronized long received() {
      return received;
    }

    /** The next piece that has come. */
    public synchronized Optional<Piece> poll() {
      Optional<Piece> next = Optional.ofNullable(pieces.poll());
      next.ifPresent(piece -> polled = piece.end());
      return next;
    }

    /** Whether the process says no more, and all it said has been polled. */
    public synchronized boolean ended() {
      return end >= 0 && polled >= end;
    }

    public void acknowledge(long offset) {
      send(OutputFrame.acknowledgement(number, offset).encode());
    }

    void leave(OutputLine line) {
      line.leave(flow);
    }

    synchronized String failure() {
      return failure;
    }

    @Override
    public synchronized void ended(long last) {
      end = last;
    }

    @Override
    public synchronized void replaced() {
      failure = "replaced";
    }

    @Override
    public synchronized void forgotten() {
      failure = "forgotten";
    }

    @Override
    public synchronized void broken(String why) {
      failure = why;
    }

    @Override
    public synchronized void refused(String why) {
      failure = why;
    }
  }
}
