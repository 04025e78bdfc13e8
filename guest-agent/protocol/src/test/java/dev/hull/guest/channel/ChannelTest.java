package dev.hull.guest.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.guest.v1.DescribeRequest;
import dev.hull.guest.v1.DescribeResponse;
import dev.hull.guest.v1.MachineGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class ChannelTest {
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final int VERSION = GuestChannel.MAX_VERSION;

  @TempDir private Path folder;
  private Path socket;
  private Server agent;

  @BeforeEach
  void startAgent() throws IOException {
    socket = folder.resolve("agent.sock");
    agent =
        AgentTransport.server(new GuestChannel(new SocketPort(socket)))
            .addService(new FixedMachine())
            .build()
            .start();
  }

  @AfterEach
  void stopAgent() throws InterruptedException {
    agent.shutdownNow().awaitTermination();
  }

  @Test
  void aHostThatShakesHandsCanCall() throws Exception {
    assertThat(describe(HostChannel.Guest.FRESH)).isEqualTo("7");
  }

  @Test
  void theNextHostCanCallAfterTheFirstLeft() throws Exception {
    for (int host = 0; host < 20; host++) {
      assertThat(describe(HostChannel.Guest.KNOWN)).isEqualTo("7");
    }
  }

  @Test
  void aHostThatDiedInTheMiddleOfAFrameDoesNotKeepTheNextOneOut() throws Exception {
    try (SocketChannel dying = connect()) {
      UUID nonce = UUID.randomUUID();
      write(dying, new HandshakeFrame(HandshakeFrame.Kind.HELLO, VERSION, VERSION, nonce).encode());
      read(dying, HandshakeFrame.LENGTH);
      write(dying, new HandshakeFrame(HandshakeFrame.Kind.GO, 0, 0, nonce).encode());
      read(dying, HandshakeFrame.LENGTH);
      write(dying, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      // A DATA frame that announces 16,000 bytes and brings three.
      write(dying, new byte[] {0, 0x3e, (byte) 0x80, 0, 0, 0, 0, 0, 1, 1, 2, 3});
    }
    assertThat(describe(HostChannel.Guest.KNOWN)).isEqualTo("7");
  }

  @Test
  void noiseBeforeTheHandshakeIsDiscarded() throws Exception {
    try (SocketChannel noisy = connect()) {
      write(noisy, "hull-chanhull-channel\7noise hull-".getBytes(StandardCharsets.US_ASCII));
      UUID nonce = UUID.randomUUID();
      write(noisy, new HandshakeFrame(HandshakeFrame.Kind.HELLO, VERSION, VERSION, nonce).encode());
      assertThat(HandshakeFrame.decode(read(noisy, HandshakeFrame.LENGTH)))
          .contains(new HandshakeFrame(HandshakeFrame.Kind.WELCOME, VERSION, VERSION, nonce));
    }
  }

  @Test
  void aGoWithAnotherNonceStartsNothing() throws Exception {
    try (SocketChannel stale = connect()) {
      UUID nonce = UUID.randomUUID();
      write(stale, new HandshakeFrame(HandshakeFrame.Kind.HELLO, VERSION, VERSION, nonce).encode());
      read(stale, HandshakeFrame.LENGTH);
      write(stale, new HandshakeFrame(HandshakeFrame.Kind.GO, 0, 0, UUID.randomUUID()).encode());
      write(stale, new HandshakeFrame(HandshakeFrame.Kind.GO, 0, 0, nonce).encode());
      assertThat(HandshakeFrame.decode(read(stale, HandshakeFrame.LENGTH)))
          .contains(new HandshakeFrame(HandshakeFrame.Kind.STARTED, 0, 0, nonce));
    }
  }

  @Test
  void versionsThatDoNotMeetAreToldAndNotSpoken() throws Exception {
    try (SocketChannel newer = connect()) {
      UUID nonce = UUID.randomUUID();
      write(newer, new HandshakeFrame(HandshakeFrame.Kind.HELLO, 2, 3, nonce).encode());
      HandshakeFrame welcome =
          HandshakeFrame.decode(read(newer, HandshakeFrame.LENGTH)).orElseThrow();
      assertThat(welcome.minVersion()).isEqualTo(GuestChannel.MIN_VERSION);
      assertThat(welcome.maxVersion()).isEqualTo(GuestChannel.MAX_VERSION);
    }
  }

  @Test
  void anAgentThatNeverAnswersIsGivenUpAtTheDeadline() throws Exception {
    Path silent = folder.resolve("silent.sock");
    try (SocketPort port = new SocketPort(silent)) {
      assertThatThrownBy(
              () -> HostChannel.open(silent, HostChannel.Guest.FRESH, Duration.ofMillis(50)))
          .isInstanceOf(HandshakeException.class)
          .hasMessage("the agent did not answer within 50 ms");
      assertThat(port).isNotNull();
    }
  }

  @Test
  void callsFailAtOnceWhenTheAgentIsGone() throws Exception {
    Socket connected = HostChannel.open(socket, HostChannel.Guest.FRESH, DEADLINE);
    ManagedChannel channel = AgentTransport.client(connected).build();
    try {
      MachineGrpc.MachineBlockingStub machine = MachineGrpc.newBlockingStub(channel);
      assertThat(machine.describe(DescribeRequest.getDefaultInstance()).getOnlineCpus())
          .isEqualTo(7);
      agent.shutdownNow().awaitTermination();
      assertThatThrownBy(() -> machine.describe(DescribeRequest.getDefaultInstance()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    } finally {
      channel.shutdownNow();
    }
  }

  private String describe(HostChannel.Guest guest) throws Exception {
    ManagedChannel channel =
        AgentTransport.client(HostChannel.open(socket, guest, DEADLINE)).build();
    try {
      DescribeResponse answer =
          MachineGrpc.newBlockingStub(channel).describe(DescribeRequest.getDefaultInstance());
      return Integer.toString(answer.getOnlineCpus());
    } finally {
      channel.shutdownNow();
    }
  }

  private SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    return channel;
  }

  private static void write(SocketChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static byte[] read(SocketChannel channel, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      assertThat(channel.read(buffer)).isNotNegative();
    }
    return buffer.array();
  }

  private static final class FixedMachine extends MachineGrpc.MachineImplBase {
    @Override
    public void describe(DescribeRequest request, StreamObserver<DescribeResponse> answer) {
      answer.onNext(DescribeResponse.newBuilder().setOnlineCpus(7).build());
      answer.onCompleted();
    }
  }
}
