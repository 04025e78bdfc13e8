package dev.hull.agent.connection;

import dev.hull.agent.users.PodNetwork;
import dev.hull.guest.v1.ConnectRequest;
import dev.hull.guest.v1.ConnectResponse;
import dev.hull.guest.v1.ConnectionsGrpc;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Semaphore;

/** The Connections service of the guest protocol. */
public final class ConnectionsService extends ConnectionsGrpc.ConnectionsImplBase {
  /** Each costs up to a few hundred KiB while both ends are slow. */
  static final int MAX_CONNECTIONS = 256;

  private final Semaphore room = new Semaphore(MAX_CONNECTIONS);
  private final PodServer servers;

  public ConnectionsService(PodNetwork network) {
    this.servers = new PodServer(network);
  }

  @Override
  public StreamObserver<ConnectRequest> connect(StreamObserver<ConnectResponse> answer) {
    if (!room.tryAcquire()) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription(
              "the pod has %d forwarded connections; close some".formatted(MAX_CONNECTIONS))
          .asRuntimeException();
    }
    return new ConnectCall(
        (ServerCallStreamObserver<ConnectResponse>) answer, servers::connect, room::release);
  }
}
