package dev.hull.vm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.hull.guest.channel.AgentTransport;
import dev.hull.guest.channel.SocketPort;
import dev.hull.guest.v1.OutputChunk;
import dev.hull.guest.v1.OutputStream;
import dev.hull.guest.v1.ProcessRef;
import dev.hull.vm.GuestContainer.Output;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.guest.HostileAgent.Crime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
  private FakeAgent good = none();
  private GuestAgent guest = none();
  private GuestAgent neighbour = none();

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // set before each test
  private static <T> T none() {
    return null;
  }

  @BeforeEach
  void twoGuests() throws IOException {
    hostile = new HostileAgent(folder.resolve("hostile"), line -> {});
    good = new FakeAgent(new SocketPort(folder.resolve("good")), () -> {});
    guest = new GuestAgent(folder.resolve("hostile"), threads);
    neighbour = new GuestAgent(folder.resolve("good"), threads);
    neighbour.awaitBoot(SOON);
    assertThat(neighbour.describe().agentVersion()).isEqualTo("1");
  }

  @AfterEach
  void theNeighbourGoesOn() throws IOException {
    assertThat(neighbour.describe().agentVersion()).isEqualTo("1");
    guest.close();
    neighbour.close();
    hostile.close();
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
    hostile.plan(line -> line.welcome(line.hello(), 1, 1));
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

  @Test
  void outputBeyondTheWindowIsHostile() {
    int chunks = AgentTransport.WINDOW_BYTES / 16_000 + 3;
    hostile.plan(
        line -> {
          int stream = line.upToAnswer();
          line.upToData();
          for (int i = 0; i < chunks; i++) {
            byte[] chunk =
                OutputChunk.newBuilder()
                    .setOffset(i * 16_000L)
                    .setStream(OutputStream.OUTPUT_STREAM_STDOUT)
                    .setData(ByteString.copyFrom(new byte[16_000]))
                    .build()
                    .toByteArray();
            byte[] message = HostileAgent.message(false, chunk.length, chunk);
            line.write(HostileAgent.frame(HostileAgent.DATA, 0, stream, message));
          }
        });
    guest.awaitBoot(SOON);
    try (Output output = guest.output(ID, 0)) {
      await().until(() -> hostile.written() > chunks * 16_000L);
      assertFails(
          Kind.HOSTILE_GUEST,
          () -> {
            for (int i = 0; i < chunks; i++) {
              output.next();
            }
          });
    }
  }

  @Test
  void outputOfAPeerThatFallsSilentHasADeadline() {
    hostile.plan(HostileAgent.Line::upToHttp2);
    guest.awaitBoot(SOON);
    ProcessRef ref = ProcessRef.newBuilder().setContainerId(ID).build();
    assertFails(Kind.DEADLINE, () -> new GuestOutput(guest, ref, 0, SHORT));
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
