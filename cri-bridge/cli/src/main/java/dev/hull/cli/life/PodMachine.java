package dev.hull.cli.life;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.kubelet.PodFolder;
import dev.hull.cli.kubelet.Timeline;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.request.Labels;
import dev.hull.cli.request.SandboxRequests;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerFilter;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.ContainerStatus;
import dev.hull.cri.v1.ContainerStatusRequest;
import dev.hull.cri.v1.ListContainersRequest;
import dev.hull.cri.v1.ListPodSandboxRequest;
import dev.hull.cri.v1.PodIP;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.PodSandboxFilter;
import dev.hull.cri.v1.PodSandboxState;
import dev.hull.cri.v1.PodSandboxStatus;
import dev.hull.cri.v1.PodSandboxStatusRequest;
import dev.hull.cri.v1.RemovePodSandboxRequest;
import dev.hull.cri.v1.RunPodSandboxRequest;
import dev.hull.cri.v1.StopPodSandboxRequest;
import io.grpc.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A pod's sandbox in CRI, and what is in it. */
final class PodMachine {
  private final Pod pod;
  private final String uid;
  private final Surroundings around;
  private final PodFolder folder;
  private @Nullable String id;
  private List<String> ips = List.of();
  private int attempt;
  private boolean looked;
  private boolean stopped;

  PodMachine(Pod pod, String uid, Surroundings around, PodFolder folder) {
    this.pod = pod;
    this.uid = uid;
    this.around = around;
    this.folder = folder;
  }

  /** One start of a container that another process has made. */
  record Start(String name, String id, int attempt, String imageRef, State state) {}

  /** What another process has made, oldest first. */
  record Found(List<Start> all) {
    List<Start> starts(String name) {
      return all.stream().filter(start -> start.name().equals(name)).toList();
    }
  }

  boolean isThere() {
    return id != null;
  }

  boolean isStopped() {
    return stopped;
  }

  String id() {
    if (id == null) {
      throw new IllegalStateException("the pod " + pod.name() + " has no machine");
    }
    return id;
  }

  /** The pod's first address; empty if it has none. */
  String ip() {
    return ips.isEmpty() ? "" : ips.getFirst();
  }

  List<String> ips() {
    return ips;
  }

  PodSandboxConfig config() {
    return SandboxRequests.of(pod, uid, attempt, folder, around.dns());
  }

  /** Looks once whether there is one of this pod already; tells what is in it. */
  boolean find(Consumer<Found> adopt) {
    if (looked) {
      return false;
    }
    looked = true;
    ListPodSandboxRequest request =
        ListPodSandboxRequest.newBuilder()
            .setFilter(PodSandboxFilter.newBuilder().putLabelSelector(Labels.POD_UID, uid))
            .build();
    Optional<PodSandbox> found =
        around
            .cri()
            .runtime(Cri.QUICK, stub -> stub.listPodSandbox(request))
            .getItemsList()
            .stream()
            .filter(sandbox -> sandbox.getMetadata().getUid().equals(uid))
            .max(Comparator.comparingInt(sandbox -> sandbox.getMetadata().getAttempt()));
    if (found.isEmpty()) {
      return false;
    }
    id = found.get().getId();
    attempt = found.get().getMetadata().getAttempt();
    addresses(status());
    adopt.accept(new Found(starts(found.get().getId())));
    return true;
  }

  private List<Start> starts(String sandboxId) {
    ListContainersRequest request =
        ListContainersRequest.newBuilder()
            .setFilter(ContainerFilter.newBuilder().setPodSandboxId(sandboxId))
            .build();
    List<Start> starts = new ArrayList<>();
    List<Container> containers =
        around
            .cri()
            .runtime(Cri.QUICK, stub -> stub.listContainers(request))
            .getContainersList()
            .stream()
            .sorted(Comparator.comparingInt(container -> container.getMetadata().getAttempt()))
            .toList();
    for (Container container : containers) {
      ContainerStatus status = containerStatus(container.getId());
      starts.add(
          new Start(
              container.getMetadata().getName(),
              container.getId(),
              container.getMetadata().getAttempt(),
              container.getImage().getImage(),
              state(status)));
    }
    return starts;
  }

  void start() {
    RunPodSandboxRequest request = RunPodSandboxRequest.newBuilder().setConfig(config()).build();
    id =
        around
            .timeline()
            .measure(
                Timeline.SANDBOX,
                () ->
                    around
                        .cri()
                        .runtime(Cri.SLOW, stub -> stub.runPodSandbox(request))
                        .getPodSandboxId());
    stopped = false;
    addresses(status());
  }

  private void addresses(PodSandboxStatus status) {
    List<String> all = new ArrayList<>();
    if (!status.getNetwork().getIp().isEmpty()) {
      all.add(status.getNetwork().getIp());
    }
    status.getNetwork().getAdditionalIpsList().stream().map(PodIP::getIp).forEach(all::add);
    ips = List.copyOf(all);
  }

  boolean isReady() {
    return status().getState() == PodSandboxState.SANDBOX_READY;
  }

  private PodSandboxStatus status() {
    PodSandboxStatusRequest request =
        PodSandboxStatusRequest.newBuilder().setPodSandboxId(id()).build();
    try {
      return around.cri().runtime(Cri.QUICK, stub -> stub.podSandboxStatus(request)).getStatus();
    } catch (CriException e) {
      if (e.code() == Status.Code.NOT_FOUND) {
        return PodSandboxStatus.newBuilder().setState(PodSandboxState.SANDBOX_NOTREADY).build();
      }
      throw e;
    }
  }

  /** How the newest start of a container ended; empty while it runs. */
  Optional<State.Terminated> endOf(ContainerLife life) {
    try {
      return state(containerStatus(life.id().orElseThrow())) instanceof State.Terminated end
          ? Optional.of(end)
          : Optional.empty();
    } catch (CriException e) {
      if (e.code() != Status.Code.NOT_FOUND) {
        throw e;
      }
      Instant now = around.clock().instant();
      return Optional.of(
          new State.Terminated(
              137,
              "ContainerStatusUnknown",
              "the container is not there any more",
              now,
              now,
              life.id().orElse("")));
    }
  }

  private ContainerStatus containerStatus(String containerId) {
    ContainerStatusRequest request =
        ContainerStatusRequest.newBuilder().setContainerId(containerId).build();
    return around.cri().runtime(Cri.QUICK, stub -> stub.containerStatus(request)).getStatus();
  }

  private static State state(ContainerStatus status) {
    if (status.getState() == ContainerState.CONTAINER_RUNNING) {
      return new State.Running(instant(status.getStartedAt()));
    }
    if (status.getState() != ContainerState.CONTAINER_EXITED) {
      return State.Waiting.CREATING;
    }
    String reason = status.getReason();
    return new State.Terminated(
        status.getExitCode(),
        reason.isEmpty() ? status.getExitCode() == 0 ? "Completed" : "Error" : reason,
        status.getMessage(),
        instant(status.getStartedAt()),
        instant(status.getFinishedAt()),
        status.getId());
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(0, nanos);
  }

  void stop() {
    StopPodSandboxRequest request =
        StopPodSandboxRequest.newBuilder().setPodSandboxId(id()).build();
    tolerant(() -> around.cri().runtime(Cri.SLOW, stub -> stub.stopPodSandbox(request)));
    stopped = true;
  }

  void remove() {
    if (id == null) {
      return;
    }
    RemovePodSandboxRequest request =
        RemovePodSandboxRequest.newBuilder().setPodSandboxId(id()).build();
    tolerant(() -> around.cri().runtime(Cri.SLOW, stub -> stub.removePodSandbox(request)));
    id = null;
  }

  /** Takes an ended one away; the next start makes another. */
  void discard() {
    stop();
    remove();
    attempt++;
    ips = List.of();
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
