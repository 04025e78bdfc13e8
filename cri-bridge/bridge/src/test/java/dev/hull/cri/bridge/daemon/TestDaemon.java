package dev.hull.cri.bridge.daemon;

import com.google.inject.AbstractModule;
import com.google.inject.util.Modules;
import dev.hull.cri.bridge.runtime.Readiness;
import dev.hull.cri.bridge.streaming.StreamingLimits;
import dev.hull.cri.host.HostException;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ContainerMetadata;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.ContainerStatusRequest;
import dev.hull.cri.v1.CreateContainerRequest;
import dev.hull.cri.v1.ImageServiceGrpc;
import dev.hull.cri.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.LinuxPodSandboxConfig;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.PodSandboxMetadata;
import dev.hull.cri.v1.PullImageRequest;
import dev.hull.cri.v1.RunPodSandboxRequest;
import dev.hull.cri.v1.RuntimeServiceGrpc;
import dev.hull.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import dev.hull.cri.v1.StartContainerRequest;
import dev.hull.images.Image;
import dev.hull.images.Images;
import dev.hull.vm.FakeMachines;
import dev.hull.vm.FakeProgram;
import dev.hull.vm.Machines;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The daemon on a real socket, over machines and images in memory, and a client of it. */
final class TestDaemon implements AutoCloseable {
  static final Image.Config CONFIG =
      new Image.Config(
          "",
          List.of("FROM_IMAGE=1"),
          List.of(),
          List.of("sleep"),
          "",
          Optional.empty(),
          List.of(),
          List.of(),
          Map.of());

  private final Path folder;
  private final StreamingLimits streaming;
  private final FakeMachines machines = new FakeMachines(Clock.systemUTC());
  private final FakeImages images = new FakeImages();
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ManagedChannel channel;
  private HullDaemon daemon;

  TestDaemon(Path folder) throws HostException {
    this(folder, StreamingLimits.DEFAULT);
  }

  TestDaemon(Path folder, StreamingLimits streaming) throws HostException {
    this.folder = folder;
    this.streaming = streaming;
    images.offer("debian:12", CONFIG);
    machines.programs(
        args ->
            switch (args.getFirst()) {
              case "sleep" -> FakeProgram.SLEEPS;
              case "echo" -> FakeProgram.prints(args.getLast());
              case "exit" -> FakeProgram.exits(Integer.parseInt(args.getLast()));
              case "deaf" -> FakeProgram.ignoringTerm();
              case "stderr" ->
                  io -> {
                    io.printError(args.getLast());
                    return 0;
                  };
              default -> null;
            });
    daemon = begin();
    channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket()))
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            .eventLoopGroup(loop)
            .usePlaintext()
            .overrideAuthority("localhost")
            .maxInboundMessageSize(16 * 1024 * 1024)
            .build();
  }

  private HullDaemon begin() throws HostException {
    Readiness ready =
        new Readiness() {
          @Override
          public Optional<String> runtimeProblem() {
            return Optional.empty();
          }

          @Override
          public Optional<String> networkProblem() {
            return Optional.of("the CNI plugin bridge is not there");
          }
        };
    return HullDaemon.start(
        socket(),
        root(),
        new ServiceNotification(""),
        new AbstractModule() {
          @Override
          protected void configure() {
            bind(Machines.class).toInstance(machines);
            bind(Images.class).toInstance(images);
          }
        },
        Modules.override(
                new BridgeModule(
                    root(), Settings.read(root(), Optional.empty(), 4), ready, 4, false))
            .with(
                new AbstractModule() {
                  @Override
                  protected void configure() {
                    bind(StreamingLimits.class).toInstance(streaming);
                  }
                }));
  }

  Path socket() {
    return folder.resolve("run").resolve("hull.sock");
  }

  Path root() {
    return folder.resolve("root");
  }

  Path logs() {
    return folder.resolve("logs");
  }

  FakeMachines machines() {
    return machines;
  }

  FakeImages images() {
    return images;
  }

  /** As a stop and a start of the daemon; machines live on. */
  void restart() throws HostException {
    daemon.close();
    machines.reopen();
    daemon = begin();
    channel.resetConnectBackoff();
  }

  RuntimeServiceBlockingStub runtime() {
    return RuntimeServiceGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  ImageServiceBlockingStub imageService() {
    return ImageServiceGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  PodSandboxConfig.Builder pod(String name) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder()
                .setName(name)
                .setUid("uid-" + name)
                .setNamespace("default"))
        .setHostname(name)
        .setLogDirectory(logs().resolve(name).toString())
        .putLabels("app", name)
        .putAnnotations("note", "kept")
        .setLinux(LinuxPodSandboxConfig.getDefaultInstance());
  }

  String run(PodSandboxConfig config) {
    return runtime()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build())
        .getPodSandboxId();
  }

  String run(String name) {
    return run(pod(name).build());
  }

  ContainerConfig.Builder container(String name, String... command) {
    imageService()
        .pullImage(
            PullImageRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage("debian:12"))
                .build());
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(name))
        .setImage(ImageSpec.newBuilder().setImage("debian:12"))
        .addAllCommand(List.of(command))
        .putLabels("container", name)
        .setLogPath(name + "/0.log");
  }

  String create(String sandbox, ContainerConfig config) {
    return runtime()
        .createContainer(
            CreateContainerRequest.newBuilder().setPodSandboxId(sandbox).setConfig(config).build())
        .getContainerId();
  }

  String create(String sandbox, String name, String... command) {
    return create(sandbox, container(name, command).build());
  }

  void start(String container) {
    var _ =
        runtime()
            .startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());
  }

  String started(String sandbox, String name, String... command) {
    String id = create(sandbox, name, command);
    start(id);
    return id;
  }

  ContainerStatus status(String container) {
    return runtime()
        .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(container).build())
        .getStatus();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    daemon.close();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
