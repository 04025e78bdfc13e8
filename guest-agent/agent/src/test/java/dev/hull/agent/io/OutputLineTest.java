package dev.hull.agent.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hull.agent.linux.Libc;
import dev.hull.agent.linux.Linux;
import dev.hull.agent.linux.Transfers;
import dev.hull.agent.process.NativeProcessCalls;
import dev.hull.agent.process.NativePrograms;
import dev.hull.agent.process.ProcessCalls;
import dev.hull.guest.channel.OutputFrame;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The agent's end of the line, with the kernel's pipes and sockets. */
@Timeout(60)
final class OutputLineTest {
  private static final Instant NOW = Instant.ofEpochSecond(3, 5);
  private static final int FLOOD = 3 << 20;

  private final Libc libc = new Libc(NativePrograms.library());
  private final Linux linux = Linux.through(libc);
  private final IoLoop loop = new IoLoop(linux.descriptors(), linux.transfers());
  private final HostLine host = new HostLine(libc, linux);
  private final OutputLine line =
      new OutputLine(linux.descriptors(), linux.transfers(), loop, host.agentEnd());

  OutputLineTest() {
    loop.execute(() -> loop.watch(line));
  }

  @AfterEach
  void close() {
    loop.close();
    host.close();
  }

  /** A process that is a pipe. */
  private final class Program {
    private final ProcessCalls calls = new NativeProcessCalls(libc);
    private final ProcessCalls.Pipe pipe = calls.pipe();
    private final ProcessOutput output = new ProcessOutput(line, () -> NOW, 1);

    Program() {
      calls.dontBlock(pipe.readEnd());
      OutputReader reader =
          new OutputReader(
              linux.descriptors(), loop, pipe.readEnd(), OutputFrame.Kind.STDOUT, output);
      loop.execute(() -> loop.watch(reader));
    }

    void says(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      linux.descriptors().write(pipe.writeEnd(), bytes, 0, bytes.length);
    }

    void ends() {
      linux.descriptors().close(pipe.writeEnd());
    }

    Thread floods() {
      return Thread.ofPlatform()
          .start(
              () -> {
                byte[] bytes = new byte[4096];
                for (int said = 0; said < FLOOD; said += bytes.length) {
                  linux.descriptors().write(pipe.writeEnd(), bytes, 0, bytes.length);
                }
                ends();
              });
    }

    HostLine.Reader read(long from) {
      return host.read(line, output, from);
    }
  }

  private static void until(BooleanSupplier condition) {
    await().pollInterval(java.time.Duration.ofMillis(2)).until(condition::getAsBoolean);
  }

  private static String text(HostLine.Reader reader, int length) {
    until(() -> reader.received() >= length);
    StringBuilder text = new StringBuilder();
    for (Optional<HostLine.Piece> piece = reader.poll(); piece.isPresent(); piece = reader.poll()) {
      text.append(piece.get().text());
    }
    return text.toString();
  }

  @Test
  void whatAProcessSaysArrivesAndThenItsEnd() {
    Program program = new Program();
    HostLine.Reader reader = program.read(0);
    program.says("hello");
    assertThat(text(reader, 5)).isEqualTo("hello");
    assertThat(reader.ended()).isFalse();
    program.says(" world");
    program.ends();
    assertThat(text(reader, 11)).isEqualTo(" world");
    until(reader::ended);
  }

  @Test
  void theNextHostGetsWhatWasNotAcknowledged() {
    Program program = new Program();
    HostLine.Reader before = program.read(0);
    program.says("one");
    assertThat(text(before, 3)).isEqualTo("one");
    program.says("two");
    assertThat(text(before, 6)).isEqualTo("two");
    before.acknowledge(3);

    host.breakOff(3, 20);
    host.connect();
    HostLine.Reader after = program.read(4);
    program.says("three");
    // The piece that has the fourth byte, as a whole.
    assertThat(text(after, 8)).isEqualTo("twothree");
    HostLine.Reader tooEarly = program.read(2);
    until(() -> !tooEarly.failure().isEmpty());
    assertThat(tooEarly.failure())
        .isEqualTo("byte 2 is wanted, but everything below 4 was acknowledged and is gone");
    HostLine.Reader tooLate = program.read(12);
    until(() -> !tooLate.failure().isEmpty());
    assertThat(tooLate.failure()).isEqualTo("byte 12 was never sent; the output ends at 11");
    program.says("four");
    assertThat(text(after, 12)).as("a refused caller takes nothing away").isEqualTo("four");
    program.ends();
  }

  @Test
  void onlyTheLatestCallerGetsOutput() throws Exception {
    Program program = new Program();
    HostLine.Reader first = program.read(0);
    program.says("a");
    assertThat(text(first, 1)).isEqualTo("a");
    HostLine.Reader second = program.read(0);
    until(() -> first.failure().equals("replaced"));
    program.says("b");
    assertThat(text(second, 2)).isEqualTo("ab");
    assertThat(first.received()).isEqualTo(1);
    second.leave(line);
    CountDownLatch left = new CountDownLatch(1);
    loop.execute(left::countDown);
    left.await();
    program.says("c");
    HostLine.Reader third = program.read(2);
    assertThat(text(third, 1)).isEqualTo("c");
    assertThat(second.received()).isEqualTo(2);
    program.ends();
  }

  @Test
  void whoAcknowledgesNothingHoldsItsProcessUpAndNoOther() throws Exception {
    Program held = new Program();
    HostLine.Reader lazy = held.read(0);
    Thread flood = held.floods();
    until(() -> lazy.received() > OutputFrame.WINDOW_BYTES - 100_000);

    Program other = new Program();
    HostLine.Reader reader = other.read(0);
    Thread second = other.floods();
    drain(reader);
    second.join();
    assertThat(flood.isAlive()).isTrue();
    assertThat(lazy.received()).isLessThan(OutputFrame.WINDOW_BYTES);
    drain(lazy);
    flood.join();
  }

  @Test
  void aHostThatReadsNothingForAWhileMissesNothing() throws Exception {
    Program program = new Program();
    HostLine.Reader reader = program.read(0);
    host.deafen(true);
    Thread flood = program.floods();
    Program second = new Program();
    second.says("meanwhile");
    host.deafen(false);
    assertThat(text(second.read(0), 9)).isEqualTo("meanwhile");
    drain(reader);
    flood.join();
    second.ends();
  }

  @RepeatedTest(20)
  void aHostThatComesInTheMiddleOfAFrameGetsWholeOnes() throws Exception {
    Program program = new Program();
    HostLine.Reader before = program.read(0);
    Thread flood = program.floods();
    until(() -> before.received() > 0);
    host.breakOff(0, 7);
    host.connect();
    drain(program.read(0));
    assertThat(before.ended()).isFalse();
    flood.join();
  }

  @Test
  void aForgottenProcessGoesOnAndItsReaderIsTold() throws Exception {
    Program program = new Program();
    HostLine.Reader reader = program.read(0);
    Thread flood = program.floods();
    until(() -> reader.received() > OutputFrame.WINDOW_BYTES - 100_000);
    assertThat(flood.isAlive()).isTrue();
    program.output.forget();
    until(() -> reader.failure().equals("forgotten"));
    flood.join();

    HostLine.Reader late = program.read(0);
    until(() -> late.failure().equals("forgotten"));
    Program other = new Program();
    other.says("still here");
    assertThat(text(other.read(0), 10)).isEqualTo("still here");
    other.ends();
  }

  @Test
  void aProcessThatIsForgottenInTheMiddleOfAFrameEndsItForTheOthers() throws Exception {
    Program program = new Program();
    HostLine.Reader reader = program.read(0);
    until(() -> reader.failure().isEmpty());
    host.deafen(true);
    Thread flood = program.floods();
    Program other = new Program();
    other.says("behind it");
    program.output.forget();
    until(() -> reader.failure().equals("forgotten"));
    HostLine.Reader others = other.read(0);
    host.deafen(false);
    assertThat(text(others, 9)).isEqualTo("behind it");
    flood.join();
    other.ends();
  }

  /** Linux hears of a host on another queue than of what it says. */
  @Test
  void aHostWhoseBytesComeBeforeItselfIsHeard() {
    Transfers real = linux.transfers();
    AtomicInteger reads = new AtomicInteger();
    HostLine early = new HostLine(libc, linux);
    OutputLine hasty =
        new OutputLine(
            linux.descriptors(),
            new Transfers() {
              @Override
              public MemorySegment map(int bytes) {
                return real.map(bytes);
              }

              @Override
              public int read(int fd, MemorySegment memory, int offset, int length) {
                // After the first bytes the port says that there is no host.
                return fd == early.agentEnd() && reads.getAndIncrement() == 1
                    ? 0
                    : real.read(fd, memory, offset, length);
              }

              @Override
              public int write(int fd, MemorySegment memory, int offset, int length) {
                return real.write(fd, memory, offset, length);
              }

              @Override
              public void poll(MemorySegment memory, int count, int timeoutMillis) {
                real.poll(memory, count, timeoutMillis);
              }
            },
            loop,
            early.agentEnd());
    loop.execute(() -> loop.watch(hasty));
    ProcessOutput output = new ProcessOutput(hasty, () -> NOW, 1);
    loop.execute(output::streamEnded);
    HostLine.Reader reader = early.read(hasty, output, 0);
    until(reader::ended);
    assertThat(reads.get()).isGreaterThan(1);
    early.close();
  }

  private static void drain(HostLine.Reader reader) {
    long[] expected = {0};
    until(
        () -> {
          for (Optional<HostLine.Piece> piece = reader.poll();
              piece.isPresent();
              piece = reader.poll()) {
            assertThat(piece.get().offset()).isEqualTo(expected[0]);
            expected[0] = piece.get().end();
            reader.acknowledge(expected[0]);
          }
          return reader.ended();
        });
    assertThat(expected[0]).isEqualTo(FLOOD);
  }
}
