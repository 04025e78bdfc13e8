package dev.hull.vm.guest;

import com.google.protobuf.ByteString;
import dev.hull.guest.v1.ConnectRequest;
import dev.hull.guest.v1.ConnectResponse;
import dev.hull.guest.v1.ConnectionsGrpc;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.PodConnection;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A connection to a server in the pod, by a call of the agent that lasts as long. */
final class GuestPodConnection implements PodConnection {
  private static final int MAX_DATA_BYTES = 64 * 1024;

  /** The server in the pod may leave its connection unread for as long as it wants. */
  private static final Duration PATIENCE = Duration.ofDays(365);

  private final GuestAgent agent;
  private final ManagedChannel channel;
  private final int port;
  private final GuestCall<ConnectRequest, ConnectResponse> call;
  private boolean ended;
  private boolean halfClosed;

  private GuestPodConnection(GuestAgent agent, int port) {
    this.agent = agent;
    this.port = port;
    this.channel = agent.channel();
    this.call = new GuestCall<>(ConnectionsGrpc.newStub(channel)::connect);
  }

  /** Blocks until the connection stands; nothing is left of one that fails. */
  static GuestPodConnection open(GuestAgent agent, int port) {
    GuestPodConnection connection = new GuestPodConnection(agent, port);
    try {
      connection.send(ConnectRequest.newBuilder().setPort(port).build());
      ConnectResponse first = connection.receive();
      GuestStatus.require(
          ConnectResponse.getDefaultInstance().equals(first),
          "a connection sends before it stands");
      return connection;
    } catch (MachineException e) {
      connection.close();
      throw e;
    }
  }

  private String doing() {
    return "forward port " + port;
  }

  private void send(ConnectRequest request) {
    try {
      // False once the server has ended the call: what is written then has no reader.
      boolean sent = call.write(request, PATIENCE);
      if (!sent) {
        throw new MachineException(
            Kind.UNAVAILABLE, "cannot %s: the connection has ended".formatted(doing()));
      }
    } catch (StatusException e) {
      throw failed(e);
    } catch (TimeoutException e) {
      throw new MachineException(
          Kind.DEADLINE, "cannot %s: its server reads nothing".formatted(doing()), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private @Nullable ConnectResponse receive() {
    try {
      return call.read();
    } catch (StatusException e) {
      throw failed(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private MachineException failed(StatusException e) {
    return agent.failed(doing(), channel, e.getStatus().asRuntimeException());
  }

  private MachineException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new MachineException(Kind.UNAVAILABLE, "cannot " + doing() + ": interrupted", e);
  }

  @Override
  public byte @Nullable [] read() {
    if (ended) {
      return null;
    }
    ConnectResponse said = receive();
    if (said == null) {
      throw GuestStatus.hostile("a connection ends without its server's end");
    }
    int size = said.getData().size();
    GuestStatus.require(size <= MAX_DATA_BYTES, "a piece of a connection has a wrong size");
    GuestStatus.require(said.getEnd() == (size == 0), "a piece of a connection is empty");
    ended = said.getEnd();
    return ended ? null : said.getData().toByteArray();
  }

  @Override
  public void write(byte[] data) {
    for (int from = 0; from < data.length; from += MAX_DATA_BYTES) {
      int length = Math.min(MAX_DATA_BYTES, data.length - from);
      send(ConnectRequest.newBuilder().setData(ByteString.copyFrom(data, from, length)).build());
    }
  }

  @Override
  public synchronized void closeOutput() {
    if (!halfClosed) {
      halfClosed = true;
      call.halfClose();
    }
  }

  @Override
  public void close() {
    call.cancel("the connection is closed");
  }
}
