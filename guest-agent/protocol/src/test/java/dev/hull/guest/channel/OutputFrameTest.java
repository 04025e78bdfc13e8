package dev.hull.guest.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class OutputFrameTest {
  private static final OutputFrame FRAME =
      new OutputFrame(OutputFrame.Kind.STDERR, 0x01020304, 65_536, 0x1112131415161718L, 7);

  private static ByteBuffer head(OutputFrame frame) {
    return ByteBuffer.wrap(frame.encode());
  }

  @Test
  void aHeadIsReadAsItWasWritten() {
    assertThat(OutputFrame.decode(head(FRAME), 0)).contains(FRAME);
    assertThat(head(FRAME).array())
        .startsWith(2, 0, 0, 0, 1, 2, 3, 4, 0, 1, 0, 0)
        .hasSize(OutputFrame.HEAD_BYTES);
  }

  @Test
  void aHeadGoesToAnotherFlow() {
    ByteBuffer head = head(FRAME);
    OutputFrame.giveTo(9, head, 0);
    assertThat(OutputFrame.decode(head, 0).map(OutputFrame::flow)).contains(9);
  }

  @Test
  void whatIsNoHeadIsNone() {
    assertThat(OutputFrame.decode(ByteBuffer.allocate(32), 0)).isEmpty();
    assertThat(OutputFrame.decode(head(FRAME).put(0, (byte) 4), 0)).isEmpty();
    assertThat(OutputFrame.decode(head(FRAME).putInt(8, 65_537), 0)).isEmpty();
    assertThat(OutputFrame.decode(head(FRAME).putInt(8, -1), 0)).isEmpty();
    assertThat(OutputFrame.decode(ByteBuffer.wrap(OutputMarker.of(5)), 0)).isEmpty();
  }

  private static OptionalLong search(byte[]... lines) {
    OutputMarker search = new OutputMarker();
    OptionalLong last = OptionalLong.empty();
    for (byte[] line : lines) {
      for (byte next : line) {
        last = search.take(next);
      }
    }
    return last;
  }

  @Test
  void aMarkerIsFoundBehindAnything() {
    assertThat(search(OutputMarker.of(-3))).hasValue(-3);
    assertThat(search("hull-outhhull-output".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isEmpty();
    assertThat(search(new byte[] {'h', 'u', 'h'}, OutputMarker.of(8))).hasValue(8);
    assertThat(search(OutputMarker.of(1), OutputMarker.opening(2))).hasValue(2);
  }

  /** Wherever the host before has stopped. */
  @Test
  void anOpeningEndsWhateverTheGuestWaitsFor() {
    OutputFrame broken = OutputFrame.acknowledgement(3, 1000);
    for (int written = 0; written < OutputFrame.HEAD_BYTES; written++) {
      ByteBuffer line = ByteBuffer.allocate(96);
      line.put(broken.encode(), 0, written).put(OutputMarker.opening(4)).flip();
      OutputMarker search = new OutputMarker();
      OptionalLong found = OptionalLong.empty();
      boolean frames = true;
      while (found.isEmpty()) {
        if (frames) {
          OutputFrame frame = OutputFrame.decode(line, line.position()).orElse(null);
          frames = frame != null;
          if (frame != null) {
            assertThat(frame.offset()).isLessThanOrEqualTo(broken.offset());
            line.position(line.position() + OutputFrame.HEAD_BYTES);
          }
        } else {
          found = search.take(line.get());
        }
      }
      assertThat(found).hasValue(4);
    }
  }
}
