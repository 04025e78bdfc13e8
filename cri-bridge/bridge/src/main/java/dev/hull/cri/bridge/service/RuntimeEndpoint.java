package dev.hull.cri.bridge.service;

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
import dev.hull.cri.bridge.runtime.RuntimeConfigCall;
import dev.hull.cri.bridge.runtime.StatusCall;
import dev.hull.cri.bridge.runtime.VersionCall;
import dev.hull.cri.bridge.sandbox.ListPodSandboxCall;
import dev.hull.cri.bridge.sandbox.PodSandboxStatusCall;
import dev.hull.cri.bridge.sandbox.PortForwardCall;
import dev.hull.cri.bridge.sandbox.RemovePodSandboxCall;
import dev.hull.cri.bridge.sandbox.RunPodSandboxCall;
import dev.hull.cri.bridge.sandbox.StopPodSandboxCall;
import dev.hull.cri.v1.AttachRequest;
import dev.hull.cri.v1.AttachResponse;
import dev.hull.cri.v1.ContainerStatusRequest;
import dev.hull.cri.v1.ContainerStatusResponse;
import dev.hull.cri.v1.CreateContainerRequest;
import dev.hull.cri.v1.CreateContainerResponse;
import dev.hull.cri.v1.ExecRequest;
import dev.hull.cri.v1.ExecResponse;
import dev.hull.cri.v1.ExecSyncRequest;
import dev.hull.cri.v1.ExecSyncResponse;
import dev.hull.cri.v1.ListContainersRequest;
import dev.hull.cri.v1.ListContainersResponse;
import dev.hull.cri.v1.ListPodSandboxRequest;
import dev.hull.cri.v1.ListPodSandboxResponse;
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
import dev.hull.cri.v1.VersionRequest;
import dev.hull.cri.v1.VersionResponse;
import io.grpc.stub.StreamObserver;

/**
 * The RuntimeService: every method by a call of its own; the others say that they are not there.
 */
public final class RuntimeEndpoint extends RuntimeServiceGrpc.RuntimeServiceImplBase {
  private final RuntimeCalls runtime;
  private final SandboxCalls sandbox;
  private final ContainerCalls container;

  public RuntimeEndpoint(RuntimeCalls runtime, SandboxCalls sandbox, ContainerCalls container) {
    this.runtime = runtime;
    this.sandbox = sandbox;
    this.container = container;
  }

  /** What answers, about the runtime. */
  public record RuntimeCalls(
      VersionCall version, StatusCall status, RuntimeConfigCall runtimeConfig) {}

  /** What answers, about sandboxes. */
  public record SandboxCalls(
      RunPodSandboxCall runPodSandbox,
      StopPodSandboxCall stopPodSandbox,
      RemovePodSandboxCall removePodSandbox,
      PodSandboxStatusCall podSandboxStatus,
      ListPodSandboxCall listPodSandbox,
      PortForwardCall portForward) {}

  /** What answers, about containers. */
  public record ContainerCalls(
      CreateContainerCall createContainer,
      StartContainerCall startContainer,
      StopContainerCall stopContainer,
      RemoveContainerCall removeContainer,
      ListContainersCall listContainers,
      ContainerStatusCall containerStatus,
      ExecSyncCall execSync,
      ReopenContainerLogCall reopenContainerLog,
      ExecCall exec,
      AttachCall attach) {}

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
}
