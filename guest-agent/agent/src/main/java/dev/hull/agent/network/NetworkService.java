package dev.hull.agent.network;

import dev.hull.agent.linux.Descriptors;
import dev.hull.guest.v1.ConfigureInterfaceRequest;
import dev.hull.guest.v1.ConfigureInterfaceResponse;
import dev.hull.guest.v1.NetworkGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;

/** The Network service of the guest protocol. Throws; the server's error mapping answers. */
public final class NetworkService extends NetworkGrpc.NetworkImplBase {
  private final Interfaces interfaces;

  /**
   * @param sys {@code /sys}
   * @param proc {@code /proc}
   */
  public NetworkService(Descriptors descriptors, Path sys, Path proc) {
    this.interfaces =
        new Interfaces(
            descriptors, new Links(sys.resolve("class/net")), proc.resolve("sys/net/ipv6/conf"));
  }

  @Override
  public void configureInterface(
      ConfigureInterfaceRequest request, StreamObserver<ConfigureInterfaceResponse> answer) {
    try {
      interfaces.configure(InterfaceSettings.from(request));
      answer.onNext(ConfigureInterfaceResponse.getDefaultInstance());
      answer.onCompleted();
    } catch (TimeoutException e) {
      throw Status.DEADLINE_EXCEEDED
          .withDescription(e.getMessage())
          .withCause(e)
          .asRuntimeException();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
