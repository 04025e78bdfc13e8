package dev.hull.agent.io;

import dev.hull.agent.linux.Transfers;
import dev.hull.guest.channel.OutputFrame;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * A process's output that the host has not acknowledged, as the frames that carry it: read to where
 * it is sent from. It lies outside of the heap, so that no collector moves it. Frames are released
 * in the order in which they came, and their space is used again. Not thread-safe.
 *
 * <pre>
 *   head ─ acknowledged next ─▶ … next ─ sent next ─▶ … tail ─ read to next ─▶
 * </pre>
 */
final class OutputRing {
  /** A port takes 32 KiB at once, so that a frame of twice that goes out in two writes. */
  private static final int MOST_DATA = 64 * 1024 - OutputFrame.HEAD_BYTES;

  /** What fewer bytes of room are not worth a call. */
  private static final int LEAST_DATA = 4096;

  private static final int HEAD = OutputFrame.HEAD_BYTES;
  private static final long NO_GAP = -1;

  private final Transfers transfers;
  private final MemorySegment memory;
  private final ByteBuffer bytes;
  private final int capacity;

  // These count on for ever; where one lies is its remainder by the capacity.
  private long head;
  private long next;
  private long tail;

  /** From here to the end of the memory nothing lies, for the frame did not fit. */
  private long gap = NO_GAP;

  /** How much of the frame at {@code next} has been sent. */
  private int sent;

  private int flow;

  OutputRing(Transfers transfers, MemorySegment memory) {
    this.transfers = transfers;
    this.memory = memory;
    this.bytes = memory.asByteBuffer();
    this.capacity = bytes.capacity();
  }

  boolean full() {
    return place() < 0;
  }

  /** Whether all has been acknowledged. */
  boolean empty() {
    return head == tail;
  }

  /** Whether all has been sent. */
  boolean sentAll() {
    return next == tail;
  }

  /** Whether another's frame would fall into one of this. */
  boolean inFrame() {
    return sent > 0;
  }

  /**
   * Reads what there is into a new frame; not when full.
   *
   * @param offset of the first byte that is read
   * @param time now, in nanoseconds since 1970
   * @return as {@link Transfers#read}
   */
  int fill(int fd, OutputFrame.Kind kind, long offset, long time) {
    long place = place();
    int index = index(place);
    long room = Math.min(capacity - (place - head), capacity - index) - HEAD;
    int length = (int) Math.min(room, MOST_DATA);
    int count = transfers.read(fd, memory, index + HEAD, length);
    if (count > 0) {
      if (place != tail) {
        gap = tail;
        next = overGap(next);
        head = overGap(head);
      }
      OutputFrame.put(bytes, index, kind, flow, count, offset, time);
      tail = place + HEAD + count;
    }
    return count;
  }

  /** Where the next frame may begin; negative if there is no room for one. */
  private long place() {
    int index = index(tail);
    long free = capacity - (tail - head);
    if (Math.min(free, capacity - index) >= HEAD + LEAST_DATA) {
      return tail;
    }
    long over = tail + capacity - index;
    return capacity - (over - head) >= HEAD + LEAST_DATA ? over : -1;
  }

  /**
   * Sends until all is sent, or the line has no room: false.
   *
   * @param oneFrame return at its end, for others wait
   */
  boolean send(int line, boolean oneFrame) {
    while (next != tail) {
      int length = oneFrame ? frame(next) - sent : (int) (runEnd() - next) - sent;
      int count = transfers.write(line, memory, index(next) + sent, length);
      if (count == Transfers.WOULD_BLOCK) {
        return false;
      }
      sent += count;
      while (next != tail && sent >= frame(next)) {
        sent -= frame(next);
        next = overGap(next + frame(next));
      }
      if (oneFrame && sent == 0) {
        return true;
      }
    }
    return true;
  }

  /** The end of what lies in one piece from {@code next} on. */
  private long runEnd() {
    if (gap > next) {
      return gap;
    }
    return Math.min(tail, next + capacity - index(next));
  }

  /** Lets go of what lies wholly below {@code offset} and has been sent. */
  void acknowledge(long offset) {
    while (head != next && offset(head) + length(head) <= offset) {
      head = overGap(head + frame(head));
    }
    if (head > gap) {
      gap = NO_GAP;
    }
    if (head == tail) {
      // The memory that was touched is used again, and no other.
      head = 0;
      next = 0;
      tail = 0;
      gap = NO_GAP;
    }
  }

  /** From now on another flow's; all that is here from {@code offset} on is to be sent to it. */
  void restart(int newFlow, long offset) {
    // What lies below it need not have been sent: it has been kept safe.
    next = tail;
    acknowledge(offset);
    flow = newFlow;
    for (long frame = head; frame != tail; frame = overGap(frame + frame(frame))) {
      OutputFrame.giveTo(flow, bytes, index(frame));
    }
    next = head;
    sent = 0;
  }

  private int index(long position) {
    return (int) (position % capacity);
  }

  private long overGap(long position) {
    return position == gap ? position + capacity - index(position) : position;
  }

  private int length(long position) {
    return OutputFrame.length(bytes, index(position));
  }

  private long offset(long position) {
    return OutputFrame.offset(bytes, index(position));
  }

  private int frame(long position) {
    return HEAD + length(position);
  }
}
