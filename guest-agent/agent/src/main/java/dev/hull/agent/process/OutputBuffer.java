package dev.hull.agent.process;

import com.google.protobuf.ByteString;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The output of one process that the host has not acknowledged yet, bounded. Both streams share one
 * numbering of bytes, in the order in which they were read. Safe for use by several threads.
 */
public final class OutputBuffer {
  /** What a piece costs besides its bytes, so that single bytes do not fill the memory. */
  static final int PIECE_OVERHEAD_BYTES = 96;

  /** Where a piece came from. */
  public enum Stream {
    STDOUT,
    STDERR
  }

  /** Bytes that were read at one time. */
  public record Piece(long offset, Stream stream, ByteString data, long timeUnixNanos) {
    long end() {
      return offset + data.size();
    }
  }

  /** Who wants to hear of news; called on any thread, holding no lock of the buffer. */
  public interface Listener {
    /** There may be more to read, or the end has come. */
    void changed();

    /** Another listener has taken this one's place. */
    void replaced();
  }

  private final int bound;
  private final Runnable onRoom;
  private final TreeMap<Long, Piece> pieces = new TreeMap<>();
  private @Nullable Listener listener;
  private long ticket;
  private long begin;
  private long end;
  private long cost;
  private int openStreams;

  /**
   * Creates an empty one.
   *
   * @param bound how many bytes may wait before reading stops
   * @param streams how many streams have to end before the output ends
   * @param onRoom called when there is room again after there was none
   */
  OutputBuffer(int bound, int streams, Runnable onRoom) {
    this.bound = bound;
    this.openStreams = streams;
    this.onRoom = onRoom;
  }

  synchronized boolean full() {
    return cost >= bound;
  }

  void append(Stream stream, ByteString data, long timeUnixNanos) {
    Listener told;
    synchronized (this) {
      pieces.put(end, new Piece(end, stream, data, timeUnixNanos));
      end += data.size();
      cost += data.size() + PIECE_OVERHEAD_BYTES;
      told = listener;
    }
    if (told != null) {
      told.changed();
    }
  }

  void streamEnded() {
    Listener told;
    synchronized (this) {
      openStreams--;
      told = listener;
    }
    if (told != null) {
      told.changed();
    }
  }

  /** Makes this the only listener, and returns the ticket for {@link #ignore}. */
  public long listen(Listener next) {
    Listener previous;
    long given;
    synchronized (this) {
      previous = listener;
      listener = next;
      given = ++ticket;
    }
    if (previous != null) {
      previous.replaced();
    }
    return given;
  }

  /** Stops telling the listener of this ticket, if it has not been replaced. */
  public synchronized void ignore(long given) {
    if (ticket == given) {
      listener = null;
    }
  }

  /** The first byte that is still here. */
  public synchronized long begin() {
    return begin;
  }

  /** The offset of the next byte to be read from the process. */
  public synchronized long end() {
    return end;
  }

  /**
   * The piece from {@code wanted} on, or from the first byte that was not acknowledged; empty if
   * nothing is there yet.
   */
  public synchronized Optional<Piece> read(long wanted) {
    long offset = Math.max(wanted, begin);
    Map.Entry<Long, Piece> entry = pieces.floorEntry(offset);
    if (entry == null || entry.getValue().end() <= offset) {
      return Optional.empty();
    }
    Piece piece = entry.getValue();
    if (piece.offset() == offset) {
      return Optional.of(piece);
    }
    ByteString rest = piece.data().substring((int) (offset - piece.offset()));
    return Optional.of(new Piece(offset, piece.stream(), rest, piece.timeUnixNanos()));
  }

  /** Whether all streams have ended and nothing is left from {@code offset} on. */
  public synchronized boolean ended(long offset) {
    return openStreams == 0 && offset >= end;
  }

  /**
   * Lets go of everything below {@code offset}; lower ones than before change nothing.
   *
   * @throws IllegalArgumentException if there never was such a byte
   */
  public void acknowledge(long offset) {
    boolean room;
    synchronized (this) {
      if (offset < 0 || offset > end) {
        throw new IllegalArgumentException(
            "byte " + offset + " was never sent; the output ends at " + end);
      }
      boolean wasFull = full();
      while (!pieces.isEmpty() && pieces.firstEntry().getValue().end() <= offset) {
        Piece gone = pieces.pollFirstEntry().getValue();
        cost -= gone.data().size() + PIECE_OVERHEAD_BYTES;
      }
      begin = Math.max(begin, offset);
      room = wasFull && !full();
    }
    if (room) {
      onRoom.run();
    }
  }
}
