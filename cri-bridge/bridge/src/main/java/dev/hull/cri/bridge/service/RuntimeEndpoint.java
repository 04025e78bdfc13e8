package dev.hull.cri.bridge.service;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.container.AttachCall;
import dev.hull.cri.bridge.container.ContainerStatusCall;
import dev.hull.cri.bridge.container.CreateContainerCall;
import dev.hull.cri.bridge.container.ExecCall;
import dev.hull.cri.bridge.container.ExecSyncCall;
import dev.hull.cri.bridge.container.ListContainersCall;
import dev.hull.cri.bridge.container.RemoveContainerCall;
import dev.hull.cri.bridge.container.ReopenContainerLogCall;
import dev.hull.cri.bridge.container.StartContainerCall;
import dev.hull.cri.bridge.container.StopContainerCall;
import dev.hull.cri.bridge.container.StreamContainersCall;
import dev.hull.cri.bridge.events.ContainerEvents;
import dev.hull.cri.bridge.metrics.ListMetricDescriptorsCall;
import dev.hull.cri.bridge.metrics.ListPodSandboxMetricsCall;
import dev.hull.cri.bridge.metrics.StreamPodSandboxMetricsCall;
import dev.hull.cri.bridge.resources.UpdateContainerResourcesCall;
import dev.hull.cri.bridge.resources.UpdatePodSandboxResourcesCall;
import dev.hull.cri.bridge.runtime.RuntimeConfigCall;
import dev.hull.cri.bridge.runtime.StatusCall;
import dev.hull.cri.bridge.runtime.UpdateRuntimeConfigCall;
import dev.hull.cri.bridge.runtime.VersionCall;
import dev.hull.cri.bridge.sandbox.ListPodSandboxCall;
import dev.hull.cri.bridge.sandbox.PodSandboxStatusCall;
import dev.hull.cri.bridge.sandbox.PortForwardCall;
import dev.hull.cri.bridge.sandbox.RemovePodSandboxCall;
import dev.hull.cri.bridge.sandbox.RunPodSandboxCall;
import dev.hull.cri.bridge.sandbox.StopPodSandboxCall;
import dev.hull.cri.bridge.sandbox.StreamPodSandboxesCall;
import dev.hull.cri.bridge.stats.ContainerStatsCall;
import dev.hull.cri.bridge.stats.ListContainerStatsCall;
import dev.hull.cri.bridge.stats.ListPodSandboxStatsCall;
import dev.hull.cri.bridge.stats.PodSandboxStatsCall;
import dev.hull.cri.bridge.stats.StreamContainerStatsCall;
import dev.hull.cri.bridge.stats.StreamPodSandboxStatsCall;
import dev.hull.cri.v1.AttachRequest;
import dev.hull.cri.v1.AttachResponse;
import dev.hull.cri.v1.CheckpointContainerRequest;
import dev.hull.cri.v1.CheckpointContainerResponse;
import dev.hull.cri.v1.CheckpointPodRequest;
import dev.hull.cri.v1.CheckpointPodResponse;
import dev.hull.cri.v1.ContainerEventResponse;
import dev.hull.cri.v1.ContainerStatsRequest;
import dev.hull.cri.v1.ContainerStatsResponse;
import dev.hull.cri.v1.ContainerStatusRequest;
import dev.hull.cri.v1.ContainerStatusResponse;
import dev.hull.cri.v1.CreateContainerRequest;
import dev.hull.cri.v1.CreateContainerResponse;
import dev.hull.cri.v1.ExecRequest;
import dev.hull.cri.v1.ExecResponse;
import dev.hull.cri.v1.ExecSyncRequest;
import dev.hull.cri.v1.ExecSyncResponse;
import dev.hull.cri.v1.GetEventsRequest;
import dev.hull.cri.v1.ListContainerStatsRequest;
import dev.hull.cri.v1.ListContainerStatsResponse;
import dev.hull.cri.v1.ListContainersRequest;
import dev.hull.cri.v1.ListContainersResponse;
import dev.hull.cri.v1.ListMetricDescriptorsRequest;
import dev.hull.cri.v1.ListMetricDescriptorsResponse;
import dev.hull.cri.v1.ListPodSandboxMetricsRequest;
import dev.hull.cri.v1.ListPodSandboxMetricsResponse;
import dev.hull.cri.v1.ListPodSandboxRequest;
import dev.hull.cri.v1.ListPodSandboxResponse;
import dev.hull.cri.v1.ListPodSandboxStatsRequest;
import dev.hull.cri.v1.ListPodSandboxStatsResponse;
import dev.hull.cri.v1.PodSandboxStatsRequest;
import dev.hull.cri.v1.PodSandboxStatsResponse;
import dev.hull.cri.v1.PodSandboxStatusRequest;
import dev.hull.cri.v1.PodSandboxStatusResponse;
import dev.hull.cri.v1.PortForwardRequest;
import dev.hull.cri.v1.PortForwardResponse;
import dev.hull.cri.v1.RemoveContainerRequest;
import dev.hull.cri.v1.RemoveContainerResponse;
import dev.hull.cri.v1.RemovePodSandboxRequest;
import dev.hull.cri.v1.RemovePodSandboxResponse;
import dev.hull.cri.v1.ReopenContainerLogRequest;
import dev.hull.cri.v1.ReopenContainerLogResponse;
import dev.hull.cri.v1.RestorePodRequest;
import dev.hull.cri.v1.RestorePodResponse;
import dev.hull.cri.v1.RunPodSandboxRequest;
import dev.hull.cri.v1.RunPodSandboxResponse;
import dev.hull.cri.v1.RuntimeConfigRequest;
import dev.hull.cri.v1.RuntimeConfigResponse;
import dev.hull.cri.v1.RuntimeServiceGrpc;
import dev.hull.cri.v1.StartContainerRequest;
import dev.hull.cri.v1.StartContainerResponse;
import dev.hull.cri.v1.StatusRequest;
import dev.hull.cri.v1.StatusResponse;
import dev.hull.cri.v1.StopContainerRequest;
import dev.hull.cri.v1.StopContainerResponse;
import dev.hull.cri.v1.StopPodSandboxRequest;
import dev.hull.cri.v1.StopPodSandboxResponse;
import dev.hull.cri.v1.StreamContainerStatsRequest;
import dev.hull.cri.v1.StreamContainerStatsResponse;
import dev.hull.cri.v1.StreamContainersRequest;
import dev.hull.cri.v1.StreamContainersResponse;
import dev.hull.cri.v1.StreamPodSandboxMetricsRequest;
import dev.hull.cri.v1.StreamPodSandboxMetricsResponse;
import dev.hull.cri.v1.StreamPodSandboxStatsRequest;
import dev.hull.cri.v1.StreamPodSandboxStatsResponse;
import dev.hull.cri.v1.StreamPodSandboxesRequest;
import dev.hull.cri.v1.StreamPodSandboxesResponse;
import dev.hull.cri.v1.UpdateContainerResourcesRequest;
import dev.hull.cri.v1.UpdateContainerResourcesResponse;
import dev.hull.cri.v1.UpdatePodSandboxResourcesRequest;
import dev.hull.cri.v1.UpdatePodSandboxResourcesResponse;
import dev.hull.cri.v1.UpdateRuntimeConfigRequest;
import dev.hull.cri.v1.UpdateRuntimeConfigResponse;
import dev.hull.cri.v1.VersionRequest;
import dev.hull.cri.v1.VersionResponse;
import io.grpc.stub.StreamObserver;

/** The RuntimeService: every method by a call of its own; checkpoints say why there are none. */
public final class RuntimeEndpoint extends RuntimeServiceGrpc.RuntimeServiceImplBase {
  private final RuntimeCalls runtime;
  private final SandboxCalls sandbox;
  private final ContainerCalls container;
  private final StatsCalls stats;
  private final ContainerEvents events;

  public RuntimeEndpoint(
      RuntimeCalls runtime,
      SandboxCalls sandbox,
      ContainerCalls container,
      StatsCalls stats,
      ContainerEvents events) {
    this.runtime = runtime;
    this.sandbox = sandbox;
    this.container = container;
    this.stats = stats;
    this.events = events;
  }

  /** What answers, about the runtime. */
  public record RuntimeCalls(
      VersionCall version,
      StatusCall status,
      RuntimeConfigCall runtimeConfig,
      UpdateRuntimeConfigCall updateRuntimeConfig) {}

  /** What answers, about sandboxes. */
  public record SandboxCalls(
      RunPodSandboxCall runPodSandbox,
      StopPodSandboxCall stopPodSandbox,
      RemovePodSandboxCall removePodSandbox,
      PodSandboxStatusCall podSandboxStatus,
      ListPodSandboxCall listPodSandbox,
      StreamPodSandboxesCall streamPodSandboxes,
      PortForwardCall portForward,
      UpdatePodSandboxResourcesCall updatePodSandboxResources) {}

  /** What answers, about containers. */
  public record ContainerCalls(
      CreateContainerCall createContainer,
      StartContainerCall startContainer,
      StopContainerCall stopContainer,
      RemoveContainerCall removeContainer,
      ListContainersCall listContainers,
      StreamContainersCall streamContainers,
      ContainerStatusCall containerStatus,
      ExecSyncCall execSync,
      ReopenContainerLogCall reopenContainerLog,
      ExecCall exec,
      AttachCall attach,
      UpdateContainerResourcesCall updateContainerResources) {}

  /** What answers, about what is used. */
  public record StatsCalls(
      ContainerStatsCall containerStats,
      ListContainerStatsCall listContainerStats,
      StreamContainerStatsCall streamContainerStats,
      PodSandboxStatsCall podSandboxStats,
      ListPodSandboxStatsCall listPodSandboxStats,
      StreamPodSandboxStatsCall streamPodSandboxStats,
      ListMetricDescriptorsCall listMetricDescriptors,
      ListPodSandboxMetricsCall listPodSandboxMetrics,
      StreamPodSandboxMetricsCall streamPodSandboxMetrics) {}

  @Override
  public void version(VersionRequest request, StreamObserver<VersionResponse> observer) {
    Answers.unary(runtime.version(), request, observer);
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
    Answers.unary(runtime.status(), request, observer);
  }

  @Override
  public void runtimeConfig(
      RuntimeConfigRequest request, StreamObserver<RuntimeConfigResponse> observer) {
    Answers.unary(runtime.runtimeConfig(), request, observer);
  }

  @Override
  public void runPodSandbox(
      RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> observer) {
    Answers.unary(sandbox.runPodSandbox(), request, observer);
  }

  @Override
  public void stopPodSandbox(
      StopPodSandboxRequest request, StreamObserver<StopPodSandboxResponse> observer) {
    Answers.unary(sandbox.stopPodSandbox(), request, observer);
  }

  @Override
  public void removePodSandbox(
      RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> observer) {
    Answers.unary(sandbox.removePodSandbox(), request, observer);
  }

  @Override
  public void podSandboxStatus(
      PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> observer) {
    Answers.unary(sandbox.podSandboxStatus(), request, observer);
  }

  @Override
  public void listPodSandbox(
      ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> observer) {
    Answers.unary(sandbox.listPodSandbox(), request, observer);
  }

  @Override
  public void createContainer(
      CreateContainerRequest request, StreamObserver<CreateContainerResponse> observer) {
    Answers.unary(container.createContainer(), request, observer);
  }

  @Override
  public void startContainer(
      StartContainerRequest request, StreamObserver<StartContainerResponse> observer) {
    Answers.unary(container.startContainer(), request, observer);
  }

  @Override
  public void stopContainer(
      StopContainerRequest request, StreamObserver<StopContainerResponse> observer) {
    Answers.unary(container.stopContainer(), request, observer);
  }

  @Override
  public void removeContainer(
      RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> observer) {
    Answers.unary(container.removeContainer(), request, observer);
  }

  @Override
  public void listContainers(
      ListContainersRequest request, StreamObserver<ListContainersResponse> observer) {
    Answers.unary(container.listContainers(), request, observer);
  }

  @Override
  public void containerStatus(
      ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> observer) {
    Answers.unary(container.containerStatus(), request, observer);
  }

  @Override
  public void execSync(ExecSyncRequest request, StreamObserver<ExecSyncResponse> observer) {
    Answers.unary(container.execSync(), request, observer);
  }

  @Override
  public void reopenContainerLog(
      ReopenContainerLogRequest request, StreamObserver<ReopenContainerLogResponse> observer) {
    Answers.unary(container.reopenContainerLog(), request, observer);
  }

  @Override
  public void exec(ExecRequest request, StreamObserver<ExecResponse> observer) {
    Answers.unary(container.exec(), request, observer);
  }

  @Override
  public void attach(AttachRequest request, StreamObserver<AttachResponse> observer) {
    Answers.unary(container.attach(), request, observer);
  }

  @Override
  public void portForward(
      PortForwardRequest request, StreamObserver<PortForwardResponse> observer) {
    Answers.unary(sandbox.portForward(), request, observer);
  }

  @Override
  public void streamPodSandboxes(
      StreamPodSandboxesRequest request, StreamObserver<StreamPodSandboxesResponse> observer) {
    Answers.streaming(sandbox.streamPodSandboxes(), request, observer);
  }

  @Override
  public void streamContainers(
      StreamContainersRequest request, StreamObserver<StreamContainersResponse> observer) {
    Answers.streaming(container.streamContainers(), request, observer);
  }

  @Override
  public void containerStats(
      ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> observer) {
    Answers.unary(stats.containerStats(), request, observer);
  }

  @Override
  public void listContainerStats(
      ListContainerStatsRequest request, StreamObserver<ListContainerStatsResponse> observer) {
    Answers.unary(stats.listContainerStats(), request, observer);
  }

  @Override
  public void streamContainerStats(
      StreamContainerStatsRequest request, StreamObserver<StreamContainerStatsResponse> observer) {
    Answers.streaming(stats.streamContainerStats(), request, observer);
  }

  @Override
  public void podSandboxStats(
      PodSandboxStatsRequest request, StreamObserver<PodSandboxStatsResponse> observer) {
    Answers.unary(stats.podSandboxStats(), request, observer);
  }

  @Override
  public void listPodSandboxStats(
      ListPodSandboxStatsRequest request, StreamObserver<ListPodSandboxStatsResponse> observer) {
    Answers.unary(stats.listPodSandboxStats(), request, observer);
  }

  @Override
  public void streamPodSandboxStats(
      StreamPodSandboxStatsRequest request,
      StreamObserver<StreamPodSandboxStatsResponse> observer) {
    Answers.streaming(stats.streamPodSandboxStats(), request, observer);
  }

  @Override
  public void listMetricDescriptors(
      ListMetricDescriptorsRequest request,
      StreamObserver<ListMetricDescriptorsResponse> observer) {
    Answers.unary(stats.listMetricDescriptors(), request, observer);
  }

  @Override
  public void listPodSandboxMetrics(
      ListPodSandboxMetricsRequest request,
      StreamObserver<ListPodSandboxMetricsResponse> observer) {
    Answers.unary(stats.listPodSandboxMetrics(), request, observer);
  }

  @Override
  public void streamPodSandboxMetrics(
      StreamPodSandboxMetricsRequest request,
      StreamObserver<StreamPodSandboxMetricsResponse> observer) {
    Answers.streaming(stats.streamPodSandboxMetrics(), request, observer);
  }

  @Override
  public void getContainerEvents(
      GetEventsRequest request, StreamObserver<ContainerEventResponse> observer) {
    EventCarrier.begin(events.subscribe(), observer);
  }

  @Override
  public void updateContainerResources(
      UpdateContainerResourcesRequest request,
      StreamObserver<UpdateContainerResourcesResponse> observer) {
    Answers.unary(container.updateContainerResources(), request, observer);
  }

  @Override
  public void updatePodSandboxResources(
      UpdatePodSandboxResourcesRequest request,
      StreamObserver<UpdatePodSandboxResourcesResponse> observer) {
    Answers.unary(sandbox.updatePodSandboxResources(), request, observer);
  }

  @Override
  public void updateRuntimeConfig(
      UpdateRuntimeConfigRequest request, StreamObserver<UpdateRuntimeConfigResponse> observer) {
    Answers.unary(runtime.updateRuntimeConfig(), request, observer);
  }

  @Override
  public void checkpointContainer(
      CheckpointContainerRequest request, StreamObserver<CheckpointContainerResponse> observer) {
    throw noCheckpoints();
  }

  @Override
  public void checkpointPod(
      CheckpointPodRequest request, StreamObserver<CheckpointPodResponse> observer) {
    throw noCheckpoints();
  }

  @Override
  public void restorePod(RestorePodRequest request, StreamObserver<RestorePodResponse> observer) {
    throw noCheckpoints();
  }

  private static Refusal noCheckpoints() {
    return Refusal.unimplemented(
        "checkpoints are not supported: a container cannot be saved apart from its machine, and"
            + " machines are not saved yet; stop the pod and run it again");
  }
}
