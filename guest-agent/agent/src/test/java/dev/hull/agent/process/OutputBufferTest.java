package dev.hull.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OutputBufferTest {
  private final AtomicInteger rooms = new AtomicInteger();
  private final OutputBuffer buffer = new OutputBuffer(1000, 2, rooms::incrementAndGet);

  private void append(String text) {
    buffer.append(OutputBuffer.Stream.STDOUT, ByteString.copyFromUtf8(text), 1);
  }

  private String read(long offset) {
    return buffer.read(offset).map(piece -> piece.data().toStringUtf8()).orElse("");
  }

  @Test
  void givesTheSameBytesAgainUntilTheyAreAcknowledged() {
    append("hello");
    append(" world");
    assertThat(read(0)).isEqualTo("hello");
    assertThat(read(0)).isEqualTo("hello");
    assertThat(read(5)).isEqualTo(" world");
    assertThat(read(7)).isEqualTo("orld");
    buffer.acknowledge(5);
    assertThat(read(0)).isEqualTo(" world");
    assertThat(buffer.begin()).isEqualTo(5);
  }

  @Test
  void keepsAPieceOfWhichOnlyAPartIsAcknowledged() {
    append("hello");
    buffer.acknowledge(2);
    assertThat(read(2)).isEqualTo("llo");
    assertThat(read(0)).isEqualTo("llo");
  }

  @Test
  void isFullAtItsBoundCountingEachPiecesCost() {
    for (int i = 0; !buffer.full(); i++) {
      assertThat(i).isLessThan(1000 / OutputBuffer.PIECE_OVERHEAD_BYTES + 1);
      append("x");
    }
    buffer.acknowledge(1);
    assertThat(buffer.full()).isFalse();
    assertThat(rooms).hasValue(1);
  }

  @Test
  void refusesToForgetWhatWasNeverThere() {
    append("abc");
    assertThatThrownBy(() -> buffer.acknowledge(4))
        .hasMessage("byte 4 was never sent; the output ends at 3");
    assertThatThrownBy(() -> buffer.acknowledge(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void endsWhenBothStreamsHaveAndEverythingIsRead() {
    append("abc");
    buffer.streamEnded();
    assertThat(buffer.ended(3)).isFalse();
    buffer.streamEnded();
    assertThat(buffer.ended(0)).isFalse();
    assertThat(buffer.ended(3)).isTrue();
  }

  @Test
  void tellsOnlyTheLatestListener() {
    List<String> told = new ArrayList<>();
    long first = buffer.listen(listener("first", told));
    buffer.listen(listener("second", told));
    buffer.ignore(first);
    append("x");
    assertThat(told).containsExactly("first replaced", "second changed");
  }

  private static OutputBuffer.Listener listener(String name, List<String> told) {
    return new OutputBuffer.Listener() {
      @Override
      public void changed() {
        told.add(name + " changed");
      }

      @Override
      public void replaced() {
        told.add(name + " replaced");
      }
    };
  }
}
