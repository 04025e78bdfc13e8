package dev.hull.agent.network;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.users.PodNetwork;
import dev.hull.guest.v1.ConfigureInterfaceRequest;
import dev.hull.guest.v1.ConfigureInterfaceResponse;
import dev.hull.guest.v1.NetworkGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** The Network service of the guest protocol. Throws; the server's error mapping answers. */
public final class NetworkService extends NetworkGrpc.NetworkImplBase {
  private final Interfaces interfaces;
  private final Listener listener;

  /** Is told the addresses of an interface, without prefix lengths, when it has them. */
  @FunctionalInterface
  public interface Listener {
    void interfaceHas(String name, List<String> addresses) throws IOException;
  }

  /**
   * @param sys {@code /sys}
   * @param proc {@code /proc}
   */
  public NetworkService(
      Descriptors descriptors, PodNetwork network, Path sys, Path proc, Listener listener) {
    this.listener = listener;
    this.interfaces =
        new Interfaces(
            descriptors,
            network,
            new Links(sys.resolve("class/net")),
            proc.resolve("sys/net/ipv6/conf"));
  }

  @Override
  public void configureInterface(
      ConfigureInterfaceRequest request, StreamObserver<ConfigureInterfaceResponse> answer) {
    try {
      interfaces.configure(InterfaceSettings.from(request));
      // In the host's spelling, which is shorter than the JDK's for IPv6.
      listener.interfaceHas(
          request.getName(),
          request.getAddressesList().stream()
              .map(address -> address.substring(0, address.indexOf('/')))
              .toList());
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
