package dev.hull.agent.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hull.agent.users.PodNetwork;
import dev.hull.guest.channel.AgentTransport;
import dev.hull.guest.channel.GuestChannel;
import dev.hull.guest.channel.HostChannel;
import dev.hull.guest.channel.SocketPort;
import dev.hull.guest.v1.ConnectRequest;
import dev.hull.guest.v1.ConnectResponse;
import dev.hull.guest.v1.ConnectionsGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The service over the real transport, with servers on this machine's localhost. */
@Timeout(60)
class ConnectionsServiceTest {
  private static final PodNetwork NETWORK =
      new PodNetwork(
          namespace -> {
            throw new AssertionError("there is none but the agent's");
          });

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private GuestChannel guest;
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("agent");
    guest = new GuestChannel(new SocketPort(socket));
    server =
        AgentTransport.server(guest)
            .executor(threads)
            .addService(new ConnectionsService(NETWORK))
            .build()
            .start();
    channel =
        AgentTransport.client(
                HostChannel.open(socket, HostChannel.Guest.FRESH, Duration.ofSeconds(10)))
            .build();
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow();
    server.shutdownNow();
    guest.close();
    assertThat(server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    threads.shutdown();
  }

  private static ServerSocket listen(String address) throws Exception {
    return new ServerSocket(0, 1, InetAddress.getByName(address));
  }

  private BlockingClientCall<ConnectRequest, ConnectResponse> connect(int port) throws Exception {
    BlockingClientCall<ConnectRequest, ConnectResponse> call =
        ConnectionsGrpc.newBlockingV2Stub(channel).connect();
    call.write(ConnectRequest.newBuilder().setPort(port).build());
    return call;
  }

  private static Status refused(BlockingClientCall<ConnectRequest, ConnectResponse> call) {
    StatusException[] thrown = new StatusException[1];
    assertThatThrownBy(call::read)
        .isInstanceOfSatisfying(StatusException.class, e -> thrown[0] = e);
    return thrown[0].getStatus();
  }

  @Test
  void aPortThatNobodyListensOnIsNamed() throws Exception {
    int free;
    try (ServerSocket listener = listen("127.0.0.1")) {
      free = listener.getLocalPort();
    }
    Status status = refused(connect(free));
    assertThat(status.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(status.getDescription())
        .startsWith("cannot connect to port %d of the pod (127.0.0.1: ".formatted(free))
        .endsWith("; does a server listen there?");
  }

  @Test
  void aPortThatIsNoneIsRefused() throws Exception {
    assertThat(refused(connect(0)).getDescription()).isEqualTo("ports are 1 to 65535, not 0");
    assertThat(refused(connect(65536)).getDescription())
        .isEqualTo("ports are 1 to 65535, not 65536");
  }

  @Test
  void bothSidesTalkAndEndOnTheirOwn() throws Exception {
    try (ServerSocket listener = listen("127.0.0.1")) {
      BlockingClientCall<ConnectRequest, ConnectResponse> call = connect(listener.getLocalPort());
      try (Socket socket = listener.accept()) {
        assertThat(call.read()).isEqualTo(ConnectResponse.getDefaultInstance());
        call.write(ConnectRequest.newBuilder().setData(ByteString.copyFromUtf8("ping")).build());
        call.halfClose();
        assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("ping");
        socket.getOutputStream().write("pong".getBytes(StandardCharsets.UTF_8));
      }
      assertThat(next(call).getData().toStringUtf8()).isEqualTo("pong");
      assertThat(next(call).getEnd()).isTrue();
      assertThat(call.read()).isNull();
    }
  }

  private static ConnectResponse next(BlockingClientCall<ConnectRequest, ConnectResponse> call)
      throws Exception {
    ConnectResponse response = call.read();
    assertThat(response).isNotNull();
    return response;
  }

  @Test
  void manyBytesGoThroughInBothDirectionsAtOnceUnharmed() throws Exception {
    byte[] bytes = new byte[5 << 20];
    new Random(7).nextBytes(bytes);
    try (ServerSocket listener = listen("127.0.0.1")) {
      BlockingClientCall<ConnectRequest, ConnectResponse> call = connect(listener.getLocalPort());
      Future<?> echo =
          threads.submit(
              () -> {
                try (Socket socket = listener.accept()) {
                  socket.getInputStream().transferTo(socket.getOutputStream());
                }
                return null;
              });
      Future<?> sender =
          threads.submit(
              () -> {
                for (int at = 0; at < bytes.length; at += 1 << 16) {
                  call.write(
                      ConnectRequest.newBuilder()
                          .setData(ByteString.copyFrom(bytes, at, 1 << 16))
                          .build());
                }
                call.halfClose();
                return null;
              });
      ByteArrayOutputStream got = new ByteArrayOutputStream();
      for (ConnectResponse said = call.read(); said != null; said = call.read()) {
        said.getData().writeTo(got);
      }
      sender.get();
      echo.get();
      assertThat(got.toByteArray()).isEqualTo(bytes);
    }
  }

  @Test
  void aServerThatDoesNotReadHoldsTheHostBack() throws Exception {
    try (ServerSocket listener = listen("127.0.0.1")) {
      BlockingClientCall<ConnectRequest, ConnectResponse> call = connect(listener.getLocalPort());
      try (Socket socket = listener.accept()) {
        ConnectRequest piece =
            ConnectRequest.newBuilder().setData(ByteString.copyFrom(new byte[1 << 16])).build();
        long sent = 0;
        // What it takes to fill the kernel's and gRPC's buffers is far below this bound.
        while (sent < 64 << 20 && tryWrite(call, piece)) {
          sent += 1 << 16;
        }
        assertThat(sent).isPositive().isLessThan(64 << 20);
        assertThat(socket.getInputStream().readNBytes(1 << 16)).hasSize(1 << 16);
      }
    }
  }

  private static boolean tryWrite(
      BlockingClientCall<ConnectRequest, ConnectResponse> call, ConnectRequest piece)
      throws Exception {
    try {
      return call.write(piece, 2, TimeUnit.SECONDS);
    } catch (java.util.concurrent.TimeoutException full) {
      return false;
    }
  }

  @Test
  void aHostThatGoesAwayClosesTheServersConnection() throws Exception {
    try (ServerSocket listener = listen("127.0.0.1")) {
      BlockingClientCall<ConnectRequest, ConnectResponse> call = connect(listener.getLocalPort());
      try (Socket socket = listener.accept()) {
        assertThat(call.read()).isNotNull();
        call.cancel("gone", null);
        assertThat(end(socket)).isTrue();
      }
    }
  }

  /** Whether it ended, orderly or not. */
  private static boolean end(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (java.io.IOException reset) {
      return true;
    }
  }

  @Test
  void aServerOnTheIpv6LoopbackIsReachedToo() throws Exception {
    ServerSocket listener = ipv6();
    org.junit.jupiter.api.Assumptions.assumeTrue(listener != null, "this machine has no ::1");
    try (listener) {
      assertThat(connect(listener.getLocalPort()).read())
          .isEqualTo(ConnectResponse.getDefaultInstance());
    }
  }

  private static @Nullable ServerSocket ipv6() throws Exception {
    try {
      return listen("::1");
    } catch (java.net.BindException none) {
      return null;
    }
  }
}
