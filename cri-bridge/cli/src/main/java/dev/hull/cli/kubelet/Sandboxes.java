package dev.hull.cli.kubelet;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerFilter;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ListContainersRequest;
import dev.hull.cri.v1.RemovePodSandboxRequest;
import dev.hull.cri.v1.StopContainerRequest;
import dev.hull.cri.v1.StopPodSandboxRequest;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Stopping and removing, as a kubelet does it. All of it is idempotent. */
public final class Sandboxes {
  /** What a container's end takes after its last second of grace. */
  private static final Duration REAPING = Duration.ofSeconds(60);

  private final Cri cri;

  public Sandboxes(Cri cri) {
    this.cri = cri;
  }

  /** The containers of a sandbox, in the order in which they were created. */
  public List<Container> containers(String sandboxId) {
    return list(
        ListContainersRequest.newBuilder()
            .setFilter(ContainerFilter.newBuilder().setPodSandboxId(sandboxId))
            .build());
  }

  /** Those of all sandboxes. */
  public List<Container> containers() {
    return list(ListContainersRequest.getDefaultInstance());
  }

  private List<Container> list(ListContainersRequest request) {
    return cri.runtime(Cri.QUICK, stub -> stub.listContainers(request)).getContainersList().stream()
        .sorted(Comparator.comparingLong(Container::getCreatedAt))
        .toList();
  }

  /**
   * Stops the containers, all at once, each with the same grace, then the sandbox.
   *
   * @throws CriException if the sandbox does not stop; a container that does not is no matter then
   */
  public void stop(String sandboxId, Duration grace) {
    List<FutureTask<?>> stops = new ArrayList<>();
    for (Container container : containers(sandboxId)) {
      if (container.getState() == ContainerState.CONTAINER_RUNNING) {
        FutureTask<?> stop = new FutureTask<>(() -> stopContainer(container.getId(), grace), null);
        Thread.ofVirtual().name("stop " + container.getId()).start(stop);
        stops.add(stop);
      }
    }
    for (FutureTask<?> stop : stops) {
      try {
        stop.get();
      } catch (ExecutionException e) {
        // The sandbox's stop, next, ends every container by force, and reports what hinders it.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    StopPodSandboxRequest request =
        StopPodSandboxRequest.newBuilder().setPodSandboxId(sandboxId).build();
    tolerant(() -> cri.runtime(Cri.SLOW, stub -> stub.stopPodSandbox(request)));
  }

  /** Removes a sandbox that was stopped, with its containers. */
  public void remove(String sandboxId) {
    RemovePodSandboxRequest request =
        RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandboxId).build();
    tolerant(() -> cri.runtime(Cri.SLOW, stub -> stub.removePodSandbox(request)));
  }

  private void stopContainer(String id, Duration grace) {
    StopContainerRequest request =
        StopContainerRequest.newBuilder().setContainerId(id).setTimeout(grace.toSeconds()).build();
    tolerant(() -> cri.runtime(grace.plus(REAPING), stub -> stub.stopContainer(request)));
  }

  /** CRI wants these calls to succeed for what is gone; not every runtime keeps to that. */
  private static void tolerant(Runnable call) {
    try {
      call.run();
    } catch (CriException e) {
      if (e.code() != Status.Code.NOT_FOUND) {
        throw e;
      }
    }
  }
}
