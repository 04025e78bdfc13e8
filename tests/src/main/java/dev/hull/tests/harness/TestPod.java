package dev.hull.tests.harness;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ContainerMetadata;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.ContainerStatusRequest;
import dev.hull.cri.v1.CreateContainerRequest;
import dev.hull.cri.v1.ExecSyncRequest;
import dev.hull.cri.v1.ExecSyncResponse;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.LinuxContainerConfig;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.LinuxContainerSecurityContext;
import dev.hull.cri.v1.LinuxPodSandboxConfig;
import dev.hull.cri.v1.NamespaceMode;
import dev.hull.cri.v1.NamespaceOption;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.PodSandboxMetadata;
import dev.hull.cri.v1.PodSandboxStatus;
import dev.hull.cri.v1.PodSandboxStatusRequest;
import dev.hull.cri.v1.PullImageRequest;
import dev.hull.cri.v1.RemoveContainerRequest;
import dev.hull.cri.v1.RemovePodSandboxRequest;
import dev.hull.cri.v1.RunPodSandboxRequest;
import dev.hull.cri.v1.StartContainerRequest;
import dev.hull.cri.v1.StopPodSandboxRequest;
import dev.hull.cri.v1.UpdateContainerResourcesRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A pod sandbox made over CRI, with short words for what tests do to it. Closing it stops and
 * removes it.
 */
public final class TestPod implements AutoCloseable {
  public static final String DEBIAN = "hull.local/debian:12";
  public static final String NGINX = "hull.local/nginx:12";

  private static final Duration EXITS_WITHIN = Duration.ofSeconds(60);

  private final Daemon daemon;
  private final PodSandboxConfig config;
  private final String id;

  private TestPod(Daemon daemon, PodSandboxConfig config, String id) {
    this.daemon = daemon;
    this.config = config;
    this.id = id;
  }

  /** Loads the sample image into the daemon's store, as {@code hull load} does. */
  public static void load(Daemon daemon, String image) {
    daemon
        .cri()
        .images()
        .pullImage(
            PullImageRequest.newBuilder()
                .setImage(
                    ImageSpec.newBuilder()
                        .setImage(image)
                        .putAnnotations(
                            "dev.hull.oci-layout", TestEnvironment.samples().toString()))
                .build());
  }

  /** A sandbox configuration that nothing is wrong with; the name is new. */
  public static PodSandboxConfig config(Path logs) {
    String uid = UUID.randomUUID().toString();
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder()
                .setName("pod-" + uid.substring(0, 8))
                .setNamespace("default")
                .setUid(uid))
        .setHostname("pod-" + uid.substring(0, 8))
        .setLogDirectory(logs.resolve(uid).toString())
        .setLinux(LinuxPodSandboxConfig.getDefaultInstance())
        .build();
  }

  public static TestPod run(Daemon daemon, Path logs) {
    return run(daemon, config(logs));
  }

  public static TestPod run(Daemon daemon, PodSandboxConfig config) {
    String id =
        daemon
            .cri()
            .runtime()
            .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build())
            .getPodSandboxId();
    return new TestPod(daemon, config, id);
  }

  /** A sandbox that is there already. */
  public static TestPod of(Daemon daemon, PodSandboxConfig config, String id) {
    return new TestPod(daemon, config, id);
  }

  public String id() {
    return id;
  }

  public PodSandboxConfig config() {
    return config;
  }

  public PodSandboxStatus status() {
    return daemon
        .cri()
        .runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build())
        .getStatus();
  }

  /** The steps of its start, as JSON. */
  public String timeline() {
    return daemon
        .cri()
        .runtime()
        .podSandboxStatus(
            PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).setVerbose(true).build())
        .getInfoOrDefault("hull", "");
  }

  public String address() {
    return status().getNetwork().getIp();
  }

  /** The host's own address on the pod's network. */
  public InetAddress hostAddress() throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      // Nothing is sent: this asks for the way there.
      socket.connect(new InetSocketAddress(InetAddress.getByName(address()), 1));
      return socket.getLocalAddress();
    }
  }

  /** Creates and starts a container of the debian image that runs a shell script. */
  public String shell(String name, String script) {
    return start(create(name, DEBIAN, script, spec -> spec));
  }

  /** Creates a container that runs a shell script; {@code change} may add to its configuration. */
  public String create(
      String name, String image, String script, UnaryOperator<ContainerConfig.Builder> change) {
    ContainerConfig.Builder container =
        ContainerConfig.newBuilder()
            .setMetadata(ContainerMetadata.newBuilder().setName(name))
            .setImage(ImageSpec.newBuilder().setImage(image))
            .addAllCommand(List.of("/bin/bash", "-c", script))
            .setLogPath(name + ".log")
            .setLinux(
                LinuxContainerConfig.newBuilder()
                    .setSecurityContext(
                        LinuxContainerSecurityContext.newBuilder()
                            .setNamespaceOptions(
                                NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER))));
    return create(change.apply(container).build());
  }

  public String create(ContainerConfig container) {
    return daemon
        .cri()
        .runtime()
        .createContainer(
            CreateContainerRequest.newBuilder()
                .setPodSandboxId(id)
                .setConfig(container)
                .setSandboxConfig(config)
                .build())
        .getContainerId();
  }

  /** Changes a container's limits. */
  public void update(String container, LinuxContainerResources resources) {
    var _ =
        daemon
            .cri()
            .runtime()
            .updateContainerResources(
                UpdateContainerResourcesRequest.newBuilder()
                    .setContainerId(container)
                    .setLinux(resources)
                    .build());
  }

  public String start(String container) {
    var _ =
        daemon
            .cri()
            .runtime()
            .startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());
    return container;
  }

  public ContainerStatus status(String container) {
    return daemon
        .cri()
        .runtime()
        .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(container).build())
        .getStatus();
  }

  /** Waits until the container has exited. */
  public ContainerStatus awaitExit(String container) {
    await("container " + container + " exits; the daemon's log is " + daemon.log())
        .atMost(EXITS_WITHIN)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> status(container).getState() == ContainerState.CONTAINER_EXITED);
    return status(container);
  }

  public ExecSyncResponse exec(String container, String... command) {
    return daemon
        .cri()
        .runtime()
        .execSync(
            ExecSyncRequest.newBuilder()
                .setContainerId(container)
                .addAllCmd(List.of(command))
                .setTimeout(30)
                .build());
  }

  /**
   * What the container has written so far to standard output and error, without the log's own
   * columns.
   */
  public String output(String container) {
    Path log = Path.of(status(container).getLogPath());
    try {
      return ByteString.copyFrom(Files.readAllBytes(log))
          .toStringUtf8()
          .lines()
          .map(line -> line.split(" ", 4))
          .map(columns -> columns[3] + (columns[2].equals("F") ? "\n" : ""))
          .collect(Collectors.joining());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void removeContainer(String container) {
    var _ =
        daemon
            .cri()
            .runtime()
            .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(container).build());
  }

  public void stop() {
    var _ =
        daemon
            .cri()
            .runtime()
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  public void remove() {
    var _ =
        daemon
            .cri()
            .runtime()
            .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  @Override
  public void close() {
    stop();
    remove();
  }
}
