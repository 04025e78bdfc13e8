package dev.hull.agent.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.agent.linux.Transfers;
import dev.hull.guest.channel.OutputFrame;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class OutputRingTest {
  private static final int PIPE = 3;
  private static final int LINE = 4;
  private static final int CAPACITY = 20_000;

  private final Wires wires = new Wires();
  private final OutputRing ring = new OutputRing(wires, wires.map(CAPACITY));
  private long filled;

  /** A pipe that has as many bytes as are put there, and a line with as much room. */
  private static final class Wires implements Transfers {
    private final Queue<byte[]> said = new ArrayDeque<>();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private int room;

    @Override
    public MemorySegment map(int bytes) {
      return Arena.ofAuto().allocate(bytes);
    }

    @Override
    public int read(int fd, MemorySegment memory, int offset, int length) {
      assertThat(fd).isEqualTo(PIPE);
      byte[] next = said.remove();
      assertThat(next.length).isLessThanOrEqualTo(length);
      memory.asSlice(offset, next.length).copyFrom(MemorySegment.ofArray(next));
      return next.length;
    }

    @Override
    public int write(int fd, MemorySegment memory, int offset, int length) {
      assertThat(fd).isEqualTo(LINE);
      int count = Math.min(room, length);
      if (count == 0) {
        return WOULD_BLOCK;
      }
      room -= count;
      sent.writeBytes(
          memory.asSlice(offset, count).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
      return count;
    }

    @Override
    public void poll(MemorySegment memory, int count, int timeoutMillis) {
      throw new AssertionError("poll");
    }
  }

  /** The byte at an offset of what the process says. */
  private static byte content(long offset) {
    return (byte) (offset * 31 ^ offset >> 8);
  }

  private void fill(int length) {
    byte[] next = new byte[length];
    for (int i = 0; i < length; i++) {
      next[i] = content(filled + i);
    }
    wires.said.add(next);
    assertThat(ring.fill(PIPE, OutputFrame.Kind.STDOUT, filled, 7)).isEqualTo(length);
    filled += length;
  }

  /** Checks what has been sent from a byte of the line on; the offset behind it. */
  private long check(long from, int flow) {
    ByteBuffer sent = ByteBuffer.wrap(wires.sent.toByteArray());
    long offset = from;
    while (sent.hasRemaining()) {
      OutputFrame frame = OutputFrame.decode(sent, sent.position()).orElseThrow();
      assertThat(frame)
          .isEqualTo(new OutputFrame(OutputFrame.Kind.STDOUT, flow, frame.length(), offset, 7));
      sent.position(sent.position() + OutputFrame.HEAD_BYTES);
      for (int i = 0; i < frame.length(); i++) {
        assertThat(sent.get()).isEqualTo(content(offset++));
      }
    }
    return offset;
  }

  @Test
  void whatWasNotAcknowledgedGoesToTheNextFlowToo() {
    ring.restart(5, 0);
    fill(100);
    fill(50);
    wires.room = Integer.MAX_VALUE;
    assertThat(ring.send(LINE, false)).isTrue();
    assertThat(check(0, 5)).isEqualTo(150);
    ring.acknowledge(120);
    wires.sent.reset();
    ring.restart(6, 120);
    assertThat(ring.sentAll()).isFalse();
    ring.send(LINE, false);
    assertThat(check(100, 6)).isEqualTo(150);
    ring.acknowledge(150);
    assertThat(ring.empty()).isTrue();
  }

  @Test
  void whatIsSafeIsNotSentAgainThoughItWasNotSentToThisFlow() {
    fill(10);
    fill(10);
    ring.restart(1, 10);
    wires.room = Integer.MAX_VALUE;
    ring.send(LINE, false);
    assertThat(check(10, 1)).isEqualTo(20);
  }

  @Test
  void whatWasNotSentIsNotReleased() {
    fill(10);
    ring.acknowledge(10);
    assertThat(ring.empty()).isFalse();
  }

  @Test
  void othersHaveTheirTurnAfterAFrame() {
    fill(10);
    fill(10);
    wires.room = Integer.MAX_VALUE;
    assertThat(ring.send(LINE, true)).isTrue();
    assertThat(wires.sent.size()).isEqualTo(OutputFrame.HEAD_BYTES + 10);
    wires.room = 5;
    assertThat(ring.send(LINE, true)).isFalse();
    assertThat(ring.inFrame()).isTrue();
  }

  @Test
  void singleBytesFillItToo() {
    int count = 0;
    while (!ring.full()) {
      fill(1);
      count++;
    }
    assertThat(count)
        .isLessThan(CAPACITY / OutputFrame.HEAD_BYTES)
        .isGreaterThan((CAPACITY - 5000) / (OutputFrame.HEAD_BYTES + 1));
  }

  @RepeatedTest(50)
  void allArrivesOnceInOrderHoweverItGoes(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    ring.restart(9, 0);
    long acknowledged = 0;
    for (int step = 0; step < 400; step++) {
      switch (random.nextInt(3)) {
        case 0 -> {
          if (!ring.full()) {
            fill(1 + random.nextInt(random.nextBoolean() ? 4000 : 20));
          }
        }
        case 1 -> {
          wires.room = random.nextInt(6000);
          ring.send(LINE, random.nextBoolean());
        }
        default -> {
          acknowledged += random.nextLong(Math.max(1, whole() - acknowledged + 1));
          ring.acknowledge(acknowledged);
        }
      }
    }
    wires.room = Integer.MAX_VALUE;
    assertThat(ring.send(LINE, false)).isTrue();
    assertThat(check(0, 9)).isEqualTo(filled);
    ring.acknowledge(filled);
    assertThat(ring.empty()).isTrue();
  }

  /** How many bytes have arrived in whole frames. */
  private long whole() {
    ByteBuffer sent = ByteBuffer.wrap(wires.sent.toByteArray());
    long offset = 0;
    while (sent.remaining() >= OutputFrame.HEAD_BYTES) {
      int length = OutputFrame.length(sent, sent.position());
      if (sent.remaining() < OutputFrame.HEAD_BYTES + length) {
        break;
      }
      sent.position(sent.position() + OutputFrame.HEAD_BYTES + length);
      offset += length;
    }
    return offset;
  }
}
