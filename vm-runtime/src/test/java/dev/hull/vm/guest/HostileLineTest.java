package dev.hull.vm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.guest.channel.OutputFrame;
import dev.hull.vm.GuestContainer.Output;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.guest.HostileAgent.Crime;
import dev.hull.vm.hypervisor.DomainSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A guest that sends anything at all: its caller learns of it soon, little memory is taken, and the
 * connection to a neighbour goes on.
 */
@Timeout(60)
final class HostileLineTest {
  private static final String ID = "a".repeat(64);
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(700);
  private static final int TOO_MUCH = 1 << 20;

  @TempDir Path folder;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HostileAgent hostile = none();
  private FakeOutputLine output = none();
  private FakeAgent good = none();
  private GuestAgent guest = none();
  private GuestAgent neighbour = none();

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // set before each test
  private static <T> T none() {
    return null;
  }

  @BeforeEach
  void twoGuests() throws IOException {
    DomainSpec.Ports bad = DomainSpec.Ports.in(Files.createDirectory(folder.resolve("hostile")));
    hostile = new HostileAgent(bad.agent(), line -> {});
    output = FakeOutputLine.at(bad.output());
    guest = new GuestAgent(bad, threads);
    DomainSpec.Ports others = DomainSpec.Ports.in(Files.createDirectory(folder.resolve("good")));
    good = new FakeAgent(others);
    neighbour = new GuestAgent(others, threads);
    neighbour.awaitBoot(SOON);
    assertThat(neighbour.describe().agentVersion()).isEqualTo("1");
  }

  @AfterEach
  void theNeighbourGoesOn() throws IOException {
    assertThat(neighbour.describe().agentVersion()).isEqualTo("1");
    guest.close();
    neighbour.close();
    hostile.close();
    output.close();
    good.close();
    threads.shutdown();
  }

  private static void assertFails(Kind kind, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
  }

  private void assertHostile(Crime crime) {
    hostile.plan(crime);
    guest.awaitBoot(SOON);
    long began = System.nanoTime();
    assertFails(Kind.HOSTILE_GUEST, () -> guest.describe());
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void aHandshakeOfGarbageIsUnavailableAtTheDeadline() {
    byte[] noise = new byte[1000];
    new Random(3).nextBytes(noise);
    hostile.plan(line -> line.write(noise));
    assertFails(Kind.UNAVAILABLE, () -> guest.awaitBoot(SHORT));
  }

  @Test
  void aHandshakeThatNeverEndsIsUnavailableAtTheDeadline() {
    hostile.plan(
        line -> {
          byte[] hello = line.hello();
          while (true) {
            // Almost a frame, again and again; then ours, which is no answer.
            line.write("hull-channehull-channel".getBytes(StandardCharsets.US_ASCII));
            line.write(hello);
          }
        });
    long began = System.nanoTime();
    assertFails(Kind.UNAVAILABLE, () -> guest.awaitBoot(SHORT));
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void aWelcomeThatIsNeverFollowedByAStartIsUnavailableAtTheDeadline() {
    hostile.plan(line -> line.welcome(line.hello(), 2, 2));
    assertFails(Kind.UNAVAILABLE, () -> guest.awaitBoot(SHORT));
  }

  @Test
  void anotherVersionIsSaid() {
    hostile.plan(line -> line.welcome(line.hello(), 7, 9));
    assertThatThrownBy(() -> guest.awaitBoot(SOON))
        .isInstanceOfSatisfying(
            MachineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.WRONG_STATE))
        .hasMessageContaining("speaks versions 7 to 9")
        .hasMessageContaining("start the machine anew, from the guest image of this release");
  }

  @Test
  void aPeerThatHangsUpInTheHandshakeIsUnavailable() {
    hostile.plan(
        line -> {
          line.hello();
          hostile.close();
        });
    assertFails(Kind.UNAVAILABLE, () -> guest.awaitBoot(SOON));
  }

  @Test
  void garbageInsteadOfHttp2IsHostile() {
    byte[] noise = new byte[100_000];
    new Random(5).nextBytes(noise);
    assertHostile(line -> line.upToHttp2().write(noise));
  }

  @Test
  void anotherProtocolIsHostile() {
    assertHostile(
        line ->
            line.upToHttp2().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
  }

  static Stream<byte[]> malformedFrames() {
    return Stream.of(
        HostileAgent.frame(4, 0, 0, new byte[5]),
        HostileAgent.frame(4, 0, 1, new byte[6]),
        HostileAgent.frame(8, 0, 0, new byte[3]),
        HostileAgent.frame(6, 0, 0, new byte[7]),
        HostileAgent.frame(3, 0, 0, new byte[4]),
        HostileAgent.frame(7, 0, 0, new byte[2]),
        HostileAgent.frame(HostileAgent.DATA, 0, 0, new byte[2]),
        HostileAgent.frame(HostileAgent.DATA, 8, 3, (byte) 200, (byte) 1),
        HostileAgent.frame(HostileAgent.HEADERS, HostileAgent.END_HEADERS, 0, (byte) 0x88));
  }

  @ParameterizedTest
  @MethodSource("malformedFrames")
  void malformedFramesAreHostile(byte[] frame) {
    assertHostile(
        line -> {
          line.upToRequest();
          line.write(frame);
        });
  }

  @Test
  void aFrameThatClaimsMoreThanTheLimitIsHostile() {
    assertHostile(
        line -> {
          int stream = line.upToAnswer();
          line.write(HostileAgent.header(0xffffff, HostileAgent.DATA, 0, stream));
        });
  }

  @Test
  void headersThatCannotBeDecodedAreHostile() {
    assertHostile(
        line -> {
          int stream = line.upToRequest();
          byte[] noSuchIndex = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0x7f};
          line.write(
              HostileAgent.frame(
                  HostileAgent.HEADERS, HostileAgent.END_HEADERS, stream, noSuchIndex));
        });
  }

  @Test
  void headersWithoutAnEndAreHostileAndTakeLittleMemory() {
    byte[] some = HostileAgent.headers("name", "v".repeat(100));
    assertHostile(
        line -> {
          int stream = line.upToRequest();
          line.write(HostileAgent.frame(HostileAgent.HEADERS, 0, stream, some));
          while (hostile.written() < 64L * TOO_MUCH) {
            line.write(HostileAgent.frame(HostileAgent.CONTINUATION, 0, stream, some));
          }
        });
    assertThat(hostile.written()).isLessThan(TOO_MUCH);
  }

  @Test
  void emptyHeadersWithoutAnEndAreHostile() {
    assertHostile(
        line -> {
          int stream = line.upToRequest();
          line.write(HostileAgent.frame(HostileAgent.HEADERS, 0, stream));
          while (hostile.written() < 64L * TOO_MUCH) {
            line.write(HostileAgent.frame(HostileAgent.CONTINUATION, 0, stream));
          }
        });
    assertThat(hostile.written()).isLessThan(TOO_MUCH);
  }

  @Test
  void headersThatAreTooLargeAreHostile() {
    byte[] some = HostileAgent.headers("name", "v".repeat(100));
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    while (many.size() < 15_900) {
      many.writeBytes(some);
    }
    assertHostile(
        line ->
            line.write(
                HostileAgent.frame(
                    HostileAgent.HEADERS,
                    HostileAgent.END_HEADERS,
                    line.upToRequest(),
                    many.toByteArray())));
  }

  @Test
  void aMessageThatIsNoProtobufIsHostile() {
    byte[] noise = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1, 2, 3};
    assertHostile(
        line -> {
          int stream = line.upToAnswer();
          line.write(
              HostileAgent.frame(
                  HostileAgent.DATA, 0, stream, HostileAgent.message(false, noise.length, noise)));
        });
  }

  @Test
  void aMessageThatClaimsMoreThanTheLimitIsHostile() {
    assertHostile(
        line -> {
          int stream = line.upToAnswer();
          line.write(
              HostileAgent.frame(
                  HostileAgent.DATA,
                  0,
                  stream,
                  HostileAgent.message(false, Integer.MAX_VALUE, new byte[100])));
        });
  }

  @Test
  void aMessageThatUnpacksToMoreThanTheLimitIsHostile() throws IOException {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(bomb)) {
      zip.write(new byte[8 << 20]);
    }
    assertHostile(
        line -> {
          int stream = line.upToAnswer("grpc-encoding", "gzip");
          line.write(
              HostileAgent.frame(
                  HostileAgent.DATA,
                  0,
                  stream,
                  HostileAgent.message(true, bomb.size(), bomb.toByteArray())));
        });
  }

  @Test
  void anAnswerThatIsNotGrpcIsHostile() {
    assertHostile(
        line -> {
          int stream = line.upToRequest();
          line.write(
              HostileAgent.frame(
                  HostileAgent.HEADERS,
                  HostileAgent.END_HEADERS,
                  stream,
                  HostileAgent.headers(":status", "200", "content-type", "text/html")));
          line.write(
              HostileAgent.frame(
                  HostileAgent.DATA, HostileAgent.END_STREAM, stream, new byte[] {1, 2}));
        });
  }

  /** Has the guest say this once it is asked for the first output. */
  private Output outputOf(byte[]... said) {
    hostile.plan(
        line -> {
          line.upToRequest();
          line.upToData();
        });
    guest.awaitBoot(SOON);
    Output reader = guest.output(ID, 0);
    output.send(guest.outputLine().number(), said);
    return reader;
  }

  @Test
  void outputBeyondTheWindowIsHostile() {
    int pieces = OutputFrame.WINDOW_BYTES / 16_000 + 3;
    byte[][] said = new byte[2 * pieces][];
    for (int i = 0; i < pieces; i++) {
      said[2 * i] = new OutputFrame(OutputFrame.Kind.STDOUT, 1, 16_000, i * 16_000L, 0).encode();
      said[2 * i + 1] = new byte[16_000];
    }
    try (Output reader = outputOf(said)) {
      assertFails(
          Kind.HOSTILE_GUEST,
          () -> {
            for (int i = 0; i < pieces; i++) {
              reader.next();
            }
          });
    }
  }

  @Test
  void outputThatNobodyReadsAnyMoreHasABoundToo() {
    try (Output left = outputOf()) {
      assertThat(left).isNotNull();
    }
    Output reader = guest.output(ID, 0);
    byte[] head = new OutputFrame(OutputFrame.Kind.STDOUT, 1, 60_000, 0, 0).encode();
    byte[] data = new byte[60_000];
    for (int i = 0; i < 20; i++) {
      output.send(guest.outputLine().number(), head, data);
    }
    assertFails(Kind.HOSTILE_GUEST, reader::next);
    reader.close();
  }

  @Test
  void garbageOnTheOutputLineIsHostile() {
    byte[] noise = new byte[100_000];
    new Random(7).nextBytes(noise);
    try (Output reader = outputOf(noise)) {
      assertFails(Kind.HOSTILE_GUEST, reader::next);
    }
  }

  @Test
  void anEmptyPieceOfOutputIsHostile() {
    try (Output reader = outputOf(new OutputFrame(OutputFrame.Kind.STDOUT, 1, 0, 0, 0).encode())) {
      assertFails(Kind.HOSTILE_GUEST, reader::next);
    }
  }

  @Test
  void aPieceOfOutputThatIsNotWholeIsWaitedForUntilTheLineEnds() throws IOException {
    try (Output reader =
        outputOf(new OutputFrame(OutputFrame.Kind.STDOUT, 1, 10, 0, 0).encode(), new byte[] {1})) {
      output.hangUp();
      assertFails(Kind.UNAVAILABLE, reader::next);
    }
  }

  @Test
  void aPeerThatFallsSilentCostsACallItsDeadlineAndNoMore() {
    hostile.plan(HostileAgent.Line::upToHttp2);
    guest.awaitBoot(SOON);
    assertFails(Kind.DEADLINE, () -> guest.await(ID, SHORT));
    hostile.plan(HostileAgent.Line::upToAnswer);
    guest.awaitBoot(SOON);
    assertFails(Kind.DEADLINE, () -> guest.await(ID, SHORT));
  }

  @Test
  void aPeerThatHangsUpIsUnavailable() {
    hostile.plan(
        line -> {
          line.upToAnswer();
          hostile.close();
        });
    guest.awaitBoot(SOON);
    assertFails(Kind.UNAVAILABLE, () -> guest.describe());
  }
}
