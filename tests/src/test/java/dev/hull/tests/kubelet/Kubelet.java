package dev.hull.tests.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.ContainerFilter;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.ContainerStatusRequest;
import dev.hull.cri.v1.CreateContainerRequest;
import dev.hull.cri.v1.ExecSyncRequest;
import dev.hull.cri.v1.ExecSyncResponse;
import dev.hull.cri.v1.ImageFsInfoRequest;
import dev.hull.cri.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.ImageStatusRequest;
import dev.hull.cri.v1.ImageStatusResponse;
import dev.hull.cri.v1.LinuxContainerResources;
import dev.hull.cri.v1.ListContainersRequest;
import dev.hull.cri.v1.ListImagesRequest;
import dev.hull.cri.v1.ListPodSandboxRequest;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.PodSandboxFilter;
import dev.hull.cri.v1.PodSandboxState;
import dev.hull.cri.v1.PodSandboxStatus;
import dev.hull.cri.v1.PodSandboxStatusRequest;
import dev.hull.cri.v1.PullImageRequest;
import dev.hull.cri.v1.RemoveContainerRequest;
import dev.hull.cri.v1.RemovePodSandboxRequest;
import dev.hull.cri.v1.RunPodSandboxRequest;
import dev.hull.cri.v1.RuntimeCondition;
import dev.hull.cri.v1.RuntimeConfigRequest;
import dev.hull.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import dev.hull.cri.v1.StartContainerRequest;
import dev.hull.cri.v1.StatusRequest;
import dev.hull.cri.v1.StopContainerRequest;
import dev.hull.cri.v1.StopPodSandboxRequest;
import dev.hull.cri.v1.UpdateContainerResourcesRequest;
import dev.hull.cri.v1.UpdatePodSandboxResourcesRequest;
import dev.hull.cri.v1.VersionRequest;
import dev.hull.tests.harness.Daemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Makes a kubelet's calls in a kubelet's order ({@code pkg/kubelet}: {@code kuberuntime}, {@code
 * pleg/generic.go}, {@code prober}), for one pod. What a real one does between relists by the clock
 * is done here as soon as a relist shows that it is due.
 */
final class Kubelet {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int HOOK_SECONDS = 30;
  private static final int PROBE_SECONDS = 10;

  private final Daemon daemon;
  private final KubeletPod pod;

  Kubelet(Daemon daemon, KubeletPod pod) {
    this.daemon = daemon;
    this.pod = pod;
  }

  private RuntimeServiceBlockingStub runtime() {
    return daemon.cri().runtime();
  }

  private ImageServiceBlockingStub images() {
    return daemon.cri().images();
  }

  /** What it asks of a runtime before it takes pods. */
  void connect() {
    assertThat(
            runtime()
                .version(VersionRequest.newBuilder().setVersion("0.1.0").build())
                .getRuntimeApiVersion())
        .isEqualTo("v1");
    assertThat(runtime().runtimeConfig(RuntimeConfigRequest.getDefaultInstance()).hasLinux())
        .isTrue();
    assertThat(runtime().status(StatusRequest.getDefaultInstance()).getStatus().getConditionsList())
        .filteredOn(RuntimeCondition::getStatus)
        .extracting(RuntimeCondition::getType)
        .contains("RuntimeReady", "NetworkReady");
    assertThat(
            images().imageFsInfo(ImageFsInfoRequest.getDefaultInstance()).getImageFilesystemsList())
        .isNotEmpty();
    assertThat(images().listImages(ListImagesRequest.getDefaultInstance())).isNotNull();
  }

  /** All pods, and then each sandbox and container of this one. */
  PodStatus relist() {
    List<PodSandbox> all =
        runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance()).getItemsList();
    List<Container> running =
        runtime().listContainers(ListContainersRequest.getDefaultInstance()).getContainersList();
    Map<String, String> selector = Map.of(KubeletPod.UID_LABEL, pod.uid());
    List<PodSandbox> sandboxes =
        runtime()
            .listPodSandbox(
                ListPodSandboxRequest.newBuilder()
                    .setFilter(PodSandboxFilter.newBuilder().putAllLabelSelector(selector))
                    .build())
            .getItemsList();
    List<Container> containers =
        runtime()
            .listContainers(
                ListContainersRequest.newBuilder()
                    .setFilter(ContainerFilter.newBuilder().putAllLabelSelector(selector))
                    .build())
            .getContainersList();
    assertThat(all).hasSameSizeAs(sandboxes);
    assertThat(running).hasSameSizeAs(containers);
    return new PodStatus(
        sandboxes.stream().map(PodSandbox::getId).map(this::sandbox).toList(),
        containers.stream().map(Container::getId).map(this::container).toList());
  }

  /** Relists until what is awaited is there. */
  PodStatus relistUntil(String awaited, Predicate<PodStatus> there) {
    return await(awaited + "; the daemon's log is " + daemon.log())
        .atMost(SOON)
        .until(this::relist, there);
  }

  private PodSandboxStatus sandbox(String id) {
    return runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build())
        .getStatus();
  }

  ContainerStatus container(String id) {
    return runtime()
        .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(id).build())
        .getStatus();
  }

  /** Its id, when it is ready and has an address. */
  String runSandbox() throws IOException {
    PodSandboxConfig config = pod.sandbox();
    Files.createDirectories(Path.of(config.getLogDirectory()));
    String id =
        runtime()
            .runPodSandbox(
                RunPodSandboxRequest.newBuilder()
                    .setConfig(config)
                    .setRuntimeHandler("hull")
                    .build())
            .getPodSandboxId();
    PodSandboxStatus status = sandbox(id);
    assertThat(status.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
    assertThat(status.getNetwork().getIp()).isNotEmpty();
    assertThat(status.getLabelsMap()).isEqualTo(config.getLabelsMap());
    assertThat(status.getAnnotationsMap()).isEqualTo(config.getAnnotationsMap());
    return id;
  }

  /** Pulls what is not there; the image as a container's configuration names it. */
  ImageSpec ensureImage(String reference) {
    ImageSpec asked = ImageSpec.newBuilder().setImage(reference).build();
    if (!imageStatus(asked).hasImage()) {
      var _ =
          images()
              .pullImage(
                  PullImageRequest.newBuilder()
                      .setImage(asked)
                      .setSandboxConfig(pod.sandbox())
                      .build());
    }
    return asked.toBuilder()
        .setImage(imageStatus(asked).getImage().getId())
        .setUserSpecifiedImage(reference)
        .build();
  }

  private ImageStatusResponse imageStatus(ImageSpec asked) {
    return images().imageStatus(ImageStatusRequest.newBuilder().setImage(asked).build());
  }

  String startContainer(String sandbox, ContainerConfig config) {
    String id =
        runtime()
            .createContainer(
                CreateContainerRequest.newBuilder()
                    .setPodSandboxId(sandbox)
                    .setConfig(config)
                    .setSandboxConfig(pod.sandbox())
                    .build())
            .getContainerId();
    var _ = runtime().startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
    return id;
  }

  /** A postStart or preStop handler: a failure of it ends the container. */
  void hook(String container, String script) {
    assertThat(exec(container, HOOK_SECONDS, script).getExitCode()).as(script).isZero();
  }

  /** Whether a probe succeeds. */
  boolean probe(String container, String script) {
    return exec(container, PROBE_SECONDS, script).getExitCode() == 0;
  }

  /** What {@code kubectl exec} would show. */
  String said(String container, String script) {
    return exec(container, HOOK_SECONDS, script).getStdout().toStringUtf8();
  }

  private ExecSyncResponse exec(String container, int seconds, String script) {
    return runtime()
        .execSync(
            ExecSyncRequest.newBuilder()
                .setContainerId(container)
                .addAllCmd(List.of("/bin/sh", "-c", script))
                .setTimeout(seconds)
                .build());
  }

  /** Resizes in place: what grows, the pod first. */
  void grow(String sandbox, String container, LinuxContainerResources resources) {
    var _ =
        runtime()
            .updatePodSandboxResources(
                UpdatePodSandboxResourcesRequest.newBuilder()
                    .setPodSandboxId(sandbox)
                    .setOverhead(LinuxContainerResources.getDefaultInstance())
                    .setResources(resources)
                    .build());
    var _ =
        runtime()
            .updateContainerResources(
                UpdateContainerResourcesRequest.newBuilder()
                    .setContainerId(container)
                    .setLinux(resources)
                    .build());
  }

  /** Stops what runs, the sandbox last. */
  void killPod(String preStop) {
    PodStatus status = relist();
    for (ContainerStatus container : status.containers()) {
      if (container.getState() == ContainerState.CONTAINER_RUNNING) {
        hook(container.getId(), preStop);
        var _ =
            runtime()
                .stopContainer(
                    StopContainerRequest.newBuilder()
                        .setContainerId(container.getId())
                        .setTimeout(KubeletPod.GRACE_SECONDS)
                        .build());
      }
    }
    status.sandboxes().forEach(sandbox -> stopSandbox(sandbox.getId()));
  }

  private void stopSandbox(String id) {
    var _ =
        runtime().stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  void removeContainer(String id) throws IOException {
    String log = container(id).getLogPath();
    var _ =
        runtime().removeContainer(RemoveContainerRequest.newBuilder().setContainerId(id).build());
    Files.deleteIfExists(Path.of(log));
  }

  /** Removes what has ended: the containers, then the sandboxes, stopped once more. */
  void collectGarbage() throws IOException {
    PodStatus status = relist();
    for (ContainerStatus container : status.containers()) {
      removeContainer(container.getId());
    }
    for (PodSandboxStatus sandbox : status.sandboxes()) {
      stopSandbox(sandbox.getId());
      var _ =
          runtime()
              .removePodSandbox(
                  RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox.getId()).build());
    }
  }
}
