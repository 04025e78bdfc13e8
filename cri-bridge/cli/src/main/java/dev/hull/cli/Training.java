package dev.hull.cli;

import dev.hull.cli.command.Hull;
import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.UnixSocket;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerMetadata;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ImageServiceGrpc;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.ListContainersRequest;
import dev.hull.cri.v1.ListContainersResponse;
import dev.hull.cri.v1.ListImagesRequest;
import dev.hull.cri.v1.ListImagesResponse;
import dev.hull.cri.v1.ListPodSandboxRequest;
import dev.hull.cri.v1.ListPodSandboxResponse;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.PodSandboxMetadata;
import dev.hull.cri.v1.RuntimeServiceGrpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Runs what people wait for once, for the JVM to remember: the launcher makes the AOT cache of what
 * was loaded and linked here. The daemon is in this process, and has one pod on paper. A command
 * that fails is no matter.
 */
public final class Training {
  private static final String POD = "0123456789abcdef";

  private Training() {}

  public static void main(String[] arguments) throws IOException {
    Main.prepare();
    Server server =
        OkHttpServerBuilder.forPort(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                InsecureServerCredentials.create())
            .addService(new OnePod())
            .addService(new NoImages())
            .build()
            .start();
    String[][] lines = {
      {"ps"}, {"ps", "-o", "json"}, {"images"}, {"logs", "pod"}, {"get", "pods"}, {"__complete", ""}
    };
    UnixSocket.rehearse();
    for (String[] line : lines) {
      var _ = Hull.run(Main.context(path -> connect(server.getPort())), line);
    }
    System.exit(0);
  }

  private static Cri connect(int port) {
    String host = InetAddress.getLoopbackAddress().getHostAddress();
    return new Cri(
        OkHttpChannelBuilder.forAddress(host, port)
            .usePlaintext()
            .proxyDetector(target -> null)
            .build(),
        "the one that trains",
        () -> {});
  }

  private static <T> void answer(StreamObserver<T> observer, T message) {
    observer.onNext(message);
    observer.onCompleted();
  }

  private static final class OnePod extends RuntimeServiceGrpc.RuntimeServiceImplBase {
    @Override
    public void listPodSandbox(
        ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> observer) {
      answer(
          observer,
          ListPodSandboxResponse.newBuilder()
              .addItems(
                  PodSandbox.newBuilder()
                      .setId(POD)
                      .setMetadata(PodSandboxMetadata.newBuilder().setName("pod").setUid(POD)))
              .build());
    }

    @Override
    public void listContainers(
        ListContainersRequest request, StreamObserver<ListContainersResponse> observer) {
      answer(
          observer,
          ListContainersResponse.newBuilder()
              .addContainers(
                  Container.newBuilder()
                      .setId(POD)
                      .setPodSandboxId(POD)
                      .setMetadata(ContainerMetadata.newBuilder().setName("container"))
                      .setImage(ImageSpec.newBuilder().setImage("image"))
                      .setState(ContainerState.CONTAINER_RUNNING))
              .build());
    }
  }

  private static final class NoImages extends ImageServiceGrpc.ImageServiceImplBase {
    @Override
    public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> observer) {
      answer(observer, ListImagesResponse.getDefaultInstance());
    }
  }
}
