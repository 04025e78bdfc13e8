package dev.hull.agent.container;

import dev.hull.agent.process.Answers;
import dev.hull.agent.process.ProcessesService;
import dev.hull.guest.v1.ContainerStatus;
import dev.hull.guest.v1.ContainerStatusRequest;
import dev.hull.guest.v1.ContainersGrpc;
import dev.hull.guest.v1.CreateContainerRequest;
import dev.hull.guest.v1.CreateContainerResponse;
import dev.hull.guest.v1.ListContainersRequest;
import dev.hull.guest.v1.ListContainersResponse;
import dev.hull.guest.v1.RemoveContainerRequest;
import dev.hull.guest.v1.RemoveContainerResponse;
import dev.hull.guest.v1.SignalContainerRequest;
import dev.hull.guest.v1.SignalContainerResponse;
import dev.hull.guest.v1.StartContainerRequest;
import dev.hull.guest.v1.StartContainerResponse;
import dev.hull.guest.v1.UpdateContainerRequest;
import dev.hull.guest.v1.UpdateContainerResponse;
import dev.hull.guest.v1.WaitContainerRequest;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Containers, for the host. */
final class ContainersService extends ContainersGrpc.ContainersImplBase {
  private final Containers containers;

  ContainersService(Containers containers) {
    this.containers = containers;
  }

  @Override
  public void create(
      CreateContainerRequest request, StreamObserver<CreateContainerResponse> answer) {
    String id = request.getContainerId();
    attempt("create", id, () -> containers.create(id, request.getSpec()));
    Answers.send(answer, CreateContainerResponse.getDefaultInstance());
  }

  @Override
  public void start(StartContainerRequest request, StreamObserver<StartContainerResponse> answer) {
    Answers.send(
        answer,
        StartContainerResponse.newBuilder()
            .setStartedAt(Statuses.timestamp(containers.get(request.getContainerId()).start()))
            .build());
  }

  @Override
  public void update(
      UpdateContainerRequest request, StreamObserver<UpdateContainerResponse> answer) {
    String id = request.getContainerId();
    attempt(
        "update",
        id,
        () -> containers.update(id, request.getResources(), request.getOomScoreAdj()));
    Answers.send(answer, UpdateContainerResponse.getDefaultInstance());
  }

  @Override
  public void signal(
      SignalContainerRequest request, StreamObserver<SignalContainerResponse> answer) {
    String id = request.getContainerId();
    int signal = ProcessesService.checkSignal(request.getSignal());
    attempt("signal", id, () -> containers.get(id).signal(signal, request.getAllProcesses()));
    Answers.send(answer, SignalContainerResponse.getDefaultInstance());
  }

  @Override
  public void wait(WaitContainerRequest request, StreamObserver<ContainerStatus> answer) {
    Answers.sendWhen(
        answer, containers.get(request.getContainerId()).exited(), Function.identity());
  }

  @Override
  public void status(ContainerStatusRequest request, StreamObserver<ContainerStatus> answer) {
    Answers.send(answer, containers.get(request.getContainerId()).status());
  }

  @Override
  public void list(ListContainersRequest request, StreamObserver<ListContainersResponse> answer) {
    Answers.send(
        answer, ListContainersResponse.newBuilder().addAllContainers(containers.list()).build());
  }

  @Override
  public void remove(
      RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> answer) {
    String id = request.getContainerId();
    attempt("remove", id, () -> containers.remove(id));
    Answers.send(answer, RemoveContainerResponse.getDefaultInstance());
  }

  private interface Step {
    void run() throws IOException, InterruptedException, TimeoutException;
  }

  private static void attempt(String what, String id, Step step) {
    String failed = "cannot " + what + " container " + id + ": ";
    try {
      step.run();
    } catch (TimeoutException e) {
      throw Status.DEADLINE_EXCEEDED.withDescription(failed + e.getMessage()).asRuntimeException();
    } catch (IOException e) {
      throw Status.INTERNAL.withDescription(failed + e).asRuntimeException();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.CANCELLED.withDescription(failed + "interrupted").asRuntimeException();
    }
  }
}
